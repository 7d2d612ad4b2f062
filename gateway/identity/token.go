package identity

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Bounds of what is read of a token.
const (
	maxToken   = 8 << 10 // bytes
	maxKeyID   = 256     // bytes of a kid
	maxSubject = 255     // bytes of a sub, as OpenID Connect has it
	maxScopes  = 100
	leeway     = time.Minute // what clocks may differ by
)

// What is wrong with tokens, in words for clients. A message tells nothing that the token does not.
var (
	errTooLong     = invalid("the token is longer than 8192 bytes")
	errMalformed   = invalid("the token is not a JWT: three parts in base64url, JSON in the first two")
	errRepeated    = invalid("the token has a name that comes twice")
	errCritical    = invalid("the token has critical headers, and none is understood here")
	errAlgorithm   = invalid("the token's algorithm is not accepted from its issuer")
	errKeyID       = invalid("the token's kid is not a short text without control characters")
	errUnknownKey  = invalid("the token is signed with a key that its issuer does not publish")
	errSignature   = invalid("the token's signature does not fit")
	errIssuer      = invalid("the token's issuer is not accepted here")
	errAudience    = invalid("the token is for another audience")
	errExpired     = invalid("the token has expired")
	errNoExpiry    = invalid("the token has no exp")
	errNotYet      = invalid("the token is not valid yet")
	errNoSubject   = invalid("the token has no sub, or one that is too long or has control characters")
	errClaims      = invalid("a claim of the token has a type that it may not have")
	errScopes      = invalid("the token's scopes are not those of OAuth 2.0, or too many")
	errUnavailable = unavailable("the keys of the token's issuer cannot be had right now")
)

// token is a JWT that has been read and not yet verified.
type token struct {
	algorithm, keyID string
	claims           claims
	signed           string // what the signature is over
	signature        []byte
}

// claims are those of every token. They are a jwt.Claims, so that golang-jwt judges them.
type claims struct {
	issuer, subject            string
	audience                   []string
	expires, notBefore, issued *jwt.NumericDate // nil where there is none
	all                        map[string]json.RawMessage
}

// encoding refuses padding, and bits behind the last byte, which would be a second text of a token. Ends
// of lines, which it would skip, readToken refuses.
//
//nolint:gochecknoglobals // a constant, as far as Go has them
var encoding = base64.RawURLEncoding.Strict()

// readToken reads the compact form (RFC 7515, section 3.1). It looks at no key.
func readToken(s string) (*token, error) {
	if len(s) > maxToken {
		return nil, errTooLong
	}
	signed, signature, ok := cutLast(s)
	if !ok || strings.ContainsAny(s, "\r\n") {
		return nil, errMalformed
	}
	head, body, ok := strings.Cut(signed, ".")
	if !ok || strings.Contains(body, ".") {
		return nil, errMalformed
	}
	t := &token{signed: signed}
	var err error
	if t.signature, err = encoding.DecodeString(signature); err != nil {
		return nil, errMalformed
	}
	if err := t.readHeader(head); err != nil {
		return nil, err
	}
	return t, t.claims.read(body)
}

func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, '.')
	if i < 0 {
		return "", "", false
	}
	return s[:i], s[i+1:], true
}

// decoded reads one of the first two parts.
func decoded(part string) (map[string]json.RawMessage, error) {
	raw, err := encoding.DecodeString(part)
	if err != nil {
		return nil, errMalformed
	}
	return fields(raw)
}

// readHeader reads alg and kid, and nothing else: jku, x5u, jwk and x5c say where a key could be
// found, and whoever forged the token wrote them.
func (t *token) readHeader(part string) error {
	all, err := decoded(part)
	if err != nil {
		return err
	}
	if _, there := all["crit"]; there {
		return errCritical
	}
	if _, there := all["b64"]; there { // only meant together with crit (RFC 7797)
		return errCritical
	}
	var good bool
	if t.algorithm, good = text(all, "alg"); !good {
		return errMalformed
	}
	if t.keyID, good = text(all, "kid"); !good || !isShort(t.keyID, maxKeyID) {
		return errKeyID
	}
	return nil
}

func (c *claims) read(part string) error {
	all, err := decoded(part)
	if err != nil {
		return err
	}
	c.all = all
	var good [6]bool
	c.issuer, good[0] = text(all, "iss")
	c.subject, good[1] = text(all, "sub")
	c.audience, good[2] = texts(all, "aud")
	c.expires, good[3] = instant(all, "exp")
	c.notBefore, good[4] = instant(all, "nbf")
	c.issued, good[5] = instant(all, "iat")
	for _, g := range good {
		if !g {
			return errClaims
		}
	}
	return nil
}

// lastSecond is the end of the year 9999.
const lastSecond = 253402300799

// instant reads seconds since 1970 (RFC 7519, NumericDate). A field that is not there is nil.
func instant(all map[string]json.RawMessage, name string) (at *jwt.NumericDate, good bool) {
	raw, there := all[name]
	if !there {
		return nil, true
	}
	var seconds *float64
	if json.Unmarshal(raw, &seconds) != nil || seconds == nil || *seconds < 0 || *seconds > lastSecond {
		return nil, false
	}
	whole, part := math.Modf(*seconds)
	return &jwt.NumericDate{Time: time.Unix(int64(whole), int64(part*1e9))}, true
}

// isShort is whether a text has at most so many bytes, and none that could do harm in a log.
func isShort(s string, most int) bool {
	if len(s) > most {
		return false
	}
	for _, r := range s {
		if r < ' ' || r == 0x7f || 0x80 <= r && r < 0xa0 || r == '\u2028' || r == '\u2029' || r == '\ufffd' {
			return false
		}
	}
	return true
}

// GetIssuer and the others make them a jwt.Claims.
func (c *claims) GetIssuer() (string, error) { return c.issuer, nil }

// GetSubject is sub.
func (c *claims) GetSubject() (string, error) { return c.subject, nil }

// GetAudience is aud.
func (c *claims) GetAudience() (jwt.ClaimStrings, error) { return c.audience, nil }

// GetExpirationTime is exp.
func (c *claims) GetExpirationTime() (*jwt.NumericDate, error) { return c.expires, nil }

// GetNotBefore is nbf.
func (c *claims) GetNotBefore() (*jwt.NumericDate, error) { return c.notBefore, nil }

// GetIssuedAt is iat.
func (c *claims) GetIssuedAt() (*jwt.NumericDate, error) { return c.issued, nil }
