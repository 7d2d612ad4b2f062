package identity

import (
	"context"
	"crypto"
	"log/slog"
	"testing"
	"time"
)

// Keys that come while a token looks for its own among those from before are found, though nobody fetches
// any more by the time that it would wait for them.
func TestKeysThatHaveJustCome(t *testing.T) {
	t.Parallel()
	kind := algorithms["EdDSA"]
	set := func(id string) *snapshot {
		return &snapshot{[]key{{id: id, kind: kind, public: crypto.PublicKey(id)}}, time.Now()}
	}
	s := newKeySet(t.Context(), "https://id.example.com/", func(context.Context) ([]byte, error) { return nil, nil }, nil, slog.New(slog.DiscardHandler))
	s.current.Store(set("old"))
	s.begun = time.Now()
	s.now = func() time.Time { // find has the old keys by the time that it asks how old they are
		s.current.Store(set("new"))
		return time.Now()
	}
	if k, err := s.find(t.Context(), "EdDSA", "new"); k != "new" {
		t.Errorf("got %v, %v", k, err)
	}
}
