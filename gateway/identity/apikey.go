package identity

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"time"

	"backline/graph/rights"
)

// keyPrefix begins every API key, so that people and scanners of repositories know one when they see
// it.
const keyPrefix = "blk_"

// Parts of a key behind the prefix, in bytes before they become text.
const (
	keySecret   = 32
	keyChecksum = 4
)

// keyAlphabet has no characters that end a word, so that a double click takes the whole key.
//
//nolint:gochecknoglobals // a constant, as far as Go has them
var keyAlphabet = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Key is what the key file says of one API key: one line of JSON.
type Key struct {
	// Name says whose key it is; it is the viewer's subject.
	Name string `json:"name"`
	// Hash is "sha256:" and the hash of the key, in hex.
	Hash string `json:"hash"`
	// Scopes are what it may do.
	Scopes []string `json:"scopes"`
	// Plan is its throttling plan; "" is the default.
	Plan string `json:"plan,omitempty"`
	// Expires is when it ends, in RFC 3339, or "never".
	Expires string `json:"expires"`

	until  time.Time // zero: never
	viewer *rights.Viewer
}

const (
	hashPrefix = "sha256:"
	never      = "never"
)

// NewKey makes a key: its text, which nobody can make again, and what the key file says of it. The
// zero time is never.
func NewKey(name string, scopes []string, plan string, expires time.Time) (text string, _ Key, err error) {
	secret := make([]byte, keySecret, keySecret+keyChecksum)
	_, _ = rand.Read(secret) // it never fails
	text = keyPrefix + keyAlphabet.EncodeToString(withChecksum(secret))
	hash := hashOf(text)
	k := Key{Name: name, Hash: hashPrefix + hex.EncodeToString(hash[:]), Scopes: slices.Clone(scopes), Plan: plan, Expires: never}
	if k.Scopes == nil {
		k.Scopes = []string{}
	}
	if !expires.IsZero() {
		k.Expires = expires.UTC().Format(time.RFC3339)
	}
	return text, k, k.prepare()
}

// Line is the key's line in the file.
func (k Key) Line() (string, error) {
	line, err := json.Marshal(k)
	return string(line), err
}

// withChecksum appends the checksum of a secret.
func withChecksum(secret []byte) []byte {
	return binary.BigEndian.AppendUint32(secret, crc32.ChecksumIEEE(secret))
}

// isKey is whether a text is a key that somebody made: what was mistyped, cut or made up ends here.
func isKey(text string) bool {
	digits, ok := strings.CutPrefix(text, keyPrefix)
	if !ok || len(digits) != keyAlphabet.EncodedLen(keySecret+keyChecksum) {
		return false
	}
	decoded, err := keyAlphabet.DecodeString(digits)
	if err != nil || len(decoded) != keySecret+keyChecksum {
		return false
	}
	return crc32.ChecksumIEEE(decoded[:keySecret]) == binary.BigEndian.Uint32(decoded[keySecret:])
}

// prepare checks what a line says, and makes the viewer.
func (k *Key) prepare() error {
	switch {
	case k.Name == "" || !isShort(k.Name, maxSubject):
		return errors.New(`"name" must be a text of 1 to 255 bytes without control characters`)
	case !isShort(k.Plan, maxSubject):
		return errors.New(`"plan" must be a short text without control characters`)
	case k.Scopes == nil:
		return errors.New(`"scopes" must be a list, [] for none`)
	case len(k.Scopes) > maxScopes:
		return fmt.Errorf(`"scopes" has more than %d`, maxScopes)
	}
	for _, s := range k.Scopes {
		if !isScope(s) {
			return fmt.Errorf(`"scopes" has %q, which is none`, s)
		}
	}
	if _, err := k.hash(); err != nil {
		return err
	}
	if k.Expires != never {
		at, err := time.Parse(time.RFC3339, k.Expires)
		if err != nil || at.IsZero() {
			return errors.New(`"expires" must be a time like 2027-01-31T00:00:00Z, or "never"`)
		}
		k.until = at
	}
	scopes := slices.Clone(k.Scopes)
	slices.Sort(scopes)
	k.viewer = &rights.Viewer{Subject: k.Name, Scopes: slices.Compact(scopes), Plan: k.Plan, Via: rights.ViaKey}
	return nil
}

func (k *Key) hash() (tokenHash, error) {
	digits, ok := strings.CutPrefix(k.Hash, hashPrefix)
	sum, err := hex.DecodeString(digits)
	if !ok || err != nil || len(sum) != sha256.Size {
		return tokenHash{}, errors.New(`"hash" must be "sha256:" and 64 hexadecimal digits`)
	}
	return tokenHash(sum), nil
}

func (k *Key) expired(now time.Time) bool { return !k.until.IsZero() && !now.Before(k.until) }
