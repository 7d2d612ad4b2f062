package identity

import (
	"net/http"
	"strings"
)

// keyHeader carries an API key where Authorization is taken.
const keyHeader = "X-Api-Key"

// credentialOf is the one credential of a request, "" if there is none, and whether it is an API key.
// Only headers are looked at: what stands in an address ends up in logs and histories.
func credentialOf(h http.Header) (credential string, isAPIKey bool, err error) {
	bearer, keys := h["Authorization"], h[keyHeader]
	switch {
	case len(bearer)+len(keys) == 0:
		return "", false, nil
	case len(bearer) > 1:
		return "", false, ambiguous("there is more than one Authorization header")
	case len(keys) > 1:
		return "", false, ambiguous("there is more than one X-API-Key header")
	case len(bearer) == 1 && len(keys) == 1:
		return "", false, ambiguous("send a token or an API key, not both")
	case len(keys) == 1:
		return keys[0], true, checkChars(keys[0])
	}
	scheme, credential, ok := strings.Cut(bearer[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", false, invalid("the Authorization header must be Bearer, then a token or an API key")
	}
	credential = strings.Trim(credential, " ")
	if !ok || credential == "" {
		return "", false, invalid("there is no token behind Bearer")
	}
	return credential, strings.HasPrefix(credential, keyPrefix), checkChars(credential)
}

// checkChars allows what a token may consist of (RFC 6750, section 2.1), which is more than tokens and
// keys do.
func checkChars(s string) error {
	if s == "" {
		return invalid("there is no API key in X-API-Key")
	}
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case c == '-', c == '.', c == '_', c == '~', c == '+', c == '/', c == '=':
		case c == ',':
			return ambiguous("there is more than one credential")
		default:
			return invalid("the credential has characters that no token has")
		}
	}
	return nil
}
