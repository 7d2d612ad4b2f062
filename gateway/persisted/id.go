package persisted

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
)

const (
	// maxID bounds an id, in bytes.
	maxID = 200
	// hashPrefix is in front of a hash in the ids of GraphQL over HTTP.
	hashPrefix = "sha256:"
	hashDigits = 2 * sha256.Size
)

var errID = errors.New("must be 1 to " + strconv.Itoa(maxID) + " letters, digits or -._~, or such behind sha256: or x-NAME:")

// CheckID tells what is wrong with an id, in words that go behind its name. The form is that of the
// appendix of GraphQL over HTTP.
func CheckID(id string) error {
	if len(id) > maxID {
		return errID
	}
	prefix, payload, prefixed := strings.Cut(id, ":")
	switch {
	case !prefixed:
		payload = prefix
	case prefix == "sha256":
		if !isHash(payload) {
			return errors.New("must have " + strconv.Itoa(hashDigits) + " hexadecimal digits in lower case behind sha256:")
		}
		return nil
	case !strings.HasPrefix(prefix, "x-") || !unreserved(prefix[2:]):
		return errID
	}
	if !unreserved(payload) {
		return errID
	}
	return nil
}

// unreserved is whether s has only characters that URLs leave alone, and any at all.
func unreserved(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '.', c == '_', c == '~':
		default:
			return false
		}
	}
	return s != ""
}

// isHash is whether s is written as a SHA-256.
func isHash(s string) bool {
	if len(s) != hashDigits {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || '9' < c) && (c < 'a' || 'f' < c) {
			return false
		}
	}
	return true
}

// hashIn is the hash that an id is, if it is one.
func hashIn(id string) (hash string, ok bool) {
	hash = strings.TrimPrefix(id, hashPrefix)
	return hash, isHash(hash)
}

// hashOf is the SHA-256 of a text, as ids write it.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
