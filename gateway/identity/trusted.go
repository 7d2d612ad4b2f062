package identity

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"backline/graph/rights"
)

// trusted is an issuer at work.
type trusted struct {
	Issuer
	keys      *keySet
	validator *jwt.Validator
}

func newTrusted(i Issuer, keys *keySet, now func() time.Time) *trusted {
	return &trusted{Issuer: i, keys: keys, validator: jwt.NewValidator(
		jwt.WithLeeway(leeway), jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithTimeFunc(now),
		jwt.WithIssuer(i.Issuer), jwt.WithAudience(i.Audience...),
	)}
}

// verify checks the signature, and then the claims: what is wrong with a token's times is told only to
// whoever has a genuine one.
func (i *trusted) verify(ctx context.Context, t *token) error {
	if !slices.Contains(i.Algorithms, t.algorithm) {
		return errAlgorithm
	}
	key, err := i.keys.find(ctx, t.algorithm, t.keyID)
	if err != nil {
		return err
	}
	// The algorithm is one of a list that somebody configured and the key one that fits it.
	if jwt.GetSigningMethod(t.algorithm).Verify(t.signed, t.signature, key) != nil {
		return errSignature
	}
	return claimError(i.validator.Validate(&t.claims), t)
}

// claimError says what is wrong with the claims; nil if nothing is.
func claimError(err error, t *token) error {
	switch {
	case err == nil:
		return nil
	case t.claims.expires == nil:
		return errNoExpiry
	case errors.Is(err, jwt.ErrTokenExpired):
		return errExpired
	case errors.Is(err, jwt.ErrTokenNotValidYet), errors.Is(err, jwt.ErrTokenUsedBeforeIssued):
		return errNotYet
	case errors.Is(err, jwt.ErrTokenInvalidIssuer):
		return errIssuer
	default: // the one that is left; a missing aud is also another one
		return errAudience
	}
}

// viewer is whom a verified token stands for.
func (i *trusted) viewer(t *token, isNode func(string) bool) (*rights.Viewer, error) {
	v := &rights.Viewer{Issuer: t.claims.issuer, Subject: t.claims.subject, Via: rights.ViaToken}
	if v.Subject == "" || !isShort(v.Subject, maxSubject) {
		return nil, errNoSubject
	}
	id, good := text(t.claims.all, i.claim("id"))
	if !good {
		return nil, errClaims
	}
	if isNode(id) {
		v.ID = id
	}
	if v.Plan, good = text(t.claims.all, i.claim("plan")); !good || !isShort(v.Plan, maxSubject) {
		return nil, errClaims
	}
	lists, good := texts(t.claims.all, i.claim("scope"))
	if !good {
		return nil, errClaims
	}
	for _, list := range lists {
		for scope := range strings.FieldsSeq(list) {
			if !isScope(scope) || len(v.Scopes) == maxScopes {
				return nil, errScopes
			}
			if len(i.Scopes) == 0 || slices.Contains(i.Scopes, scope) {
				v.Scopes = append(v.Scopes, scope)
			}
		}
	}
	slices.Sort(v.Scopes)
	v.Scopes = slices.Compact(v.Scopes)
	return v, nil
}

// isScope is scope-token of RFC 6749, section 3.3.
func isScope(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c == '"' || c == '\\' || c >= 0x7f {
			return false
		}
	}
	return s != "" && len(s) <= maxSubject
}
