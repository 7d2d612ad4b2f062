package identity

import (
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/maypok86/otter/v2"

	"backline/graph/rights"
)

const (
	// maxVerified is how many verified tokens are remembered, some 300 bytes each.
	maxVerified = 10_000
	// verifiedFor is how long, and so how long a key that its issuer has withdrawn still lets in the
	// tokens that came before.
	verifiedFor = time.Minute
)

// tokenHash stands for a token, so that memory holds none.
type tokenHash [sha256.Size]byte

// hashOf hashes on the stack what is not unusually long.
func hashOf(text string) tokenHash {
	var b [2 << 10]byte
	if len(text) > len(b) {
		return sha256.Sum256([]byte(text))
	}
	return sha256.Sum256(b[:copy(b[:], text)])
}

// verified remembers the viewers of tokens that were found good, the most used ones.
type verified struct {
	cache *otter.Cache[tokenHash, remembered]
}

type remembered struct {
	viewer *rights.Viewer
	until  time.Time
}

func newVerified() (*verified, error) {
	cache, err := otter.New(&otter.Options[tokenHash, remembered]{
		MaximumSize: maxVerified,
		Executor:    func(maintain func()) { maintain() }, // eviction is cheap, a goroutine is not
	})
	if err != nil {
		return nil, fmt.Errorf("build the cache of verified tokens: %w", err)
	}
	return &verified{cache}, nil
}

// find is the viewer of a token; nil if it has to be verified.
func (v *verified) find(hash tokenHash, now time.Time) *rights.Viewer {
	r, ok := v.cache.GetIfPresent(hash)
	if !ok || !now.Before(r.until) {
		return nil
	}
	return r.viewer
}

func (v *verified) add(hash tokenHash, viewer *rights.Viewer, now, expires time.Time) {
	until := now.Add(verifiedFor)
	if expires.Before(until) {
		until = expires
	}
	v.cache.Set(hash, remembered{viewer, until})
}
