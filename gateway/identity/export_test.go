package identity

// Forget makes a token be verified again.
func (a *Authenticator) Forget(token string) { a.verified.cache.Invalidate(hashOf(token)) }

// ReadToken reads a token, and tells what was read.
func ReadToken(text string) (algorithm, keyID, issuer, subject string, err error) {
	t, err := readToken(text)
	if err != nil {
		return "", "", "", "", err
	}
	return t.algorithm, t.keyID, t.claims.issuer, t.claims.subject, nil
}

// ReadKeys is how many useful keys a set has.
func ReadKeys(content []byte) (int, error) {
	keys, err := readKeys(content)
	return len(keys), err
}
