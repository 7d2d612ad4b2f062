package gateway

import "math/rand/v2"

const (
	requestIDHeader = "X-Request-Id"
	maxRequestID    = 128
)

// newRequestID is 128 random bits as text. Nobody has to guess it, so the fast source will do.
func newRequestID() string {
	const digits = "abcdefghijklmnopqrstuvwxyz234567"
	var id [26]byte
	bits := rand.Uint64() //nolint:gosec // as above
	for i := range id {
		if i == len(id)/2 {
			bits = rand.Uint64() //nolint:gosec // as above
		}
		id[i] = digits[bits&31]
		bits >>= 5
	}
	return string(id[:])
}

// isRequestID allows what cannot do harm in a log, a header or a JSON string.
func isRequestID(id string) bool {
	if id == "" || len(id) > maxRequestID {
		return false
	}
	for i := range len(id) {
		switch c := id[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	return true
}
