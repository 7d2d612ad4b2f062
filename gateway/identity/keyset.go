package identity

import (
	"context"
	"crypto"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// keysFresh is how long keys are used without looking for newer ones: a new key is known before
	// it is used, where its issuer publishes it that much earlier.
	keysFresh = 10 * time.Minute
	// keysStale is how long keys are used whose source does not answer.
	keysStale = 24 * time.Hour
	// keysCooldown is the least time between two fetches, whatever asks for them.
	keysCooldown = 15 * time.Second
	// keysTimeout bounds one fetch.
	keysTimeout = 5 * time.Second
)

// source reads the bytes of a JWK set.
type source func(ctx context.Context) ([]byte, error)

// keySet is the keys of one issuer: read from their source, kept while it does not answer, and read
// again when they are old, or when a token names one that is not among them. However many tokens do,
// there is one fetch at a time and one per cooldown.
type keySet struct {
	issuer  string
	read    source // nil: the keys are given and never change
	now     func() time.Time
	log     *slog.Logger
	ctx     context.Context
	current atomic.Pointer[snapshot] // nil until there is one

	mu      sync.Mutex
	begun   time.Time     // when the last fetch was
	running chan struct{} // closed when the fetch that runs ends; nil if none does
	fetches sync.WaitGroup
}

// snapshot is a key set at one moment.
type snapshot struct {
	keys []key
	at   time.Time
}

func newKeySet(ctx context.Context, issuer string, read source, now func() time.Time, log *slog.Logger) *keySet {
	return &keySet{issuer: issuer, read: read, now: now, log: log, ctx: ctx}
}

// fixedKeys is a set that never changes.
func fixedKeys(issuer string, keys ...key) *keySet {
	s := &keySet{issuer: issuer}
	s.current.Store(&snapshot{keys: keys})
	return s
}

// find is the key for a token. It waits where a fetch may bring one, no longer than ctx.
func (s *keySet) find(ctx context.Context, algorithm, id string) (crypto.PublicKey, error) {
	held := s.held()
	if held != nil {
		if s.read != nil && s.now().Sub(held.at) > keysFresh {
			s.refresh() // this token need not wait for it
		}
		if k := held.find(algorithm, id); k != nil {
			return k, nil
		}
	}
	if running := s.refresh(); running != nil {
		select {
		case <-running:
		case <-ctx.Done():
			return nil, errUnavailable
		}
	}
	if held = s.held(); held == nil { // a fetch may have ended since, also where none runs any more
		return nil, errUnavailable
	}
	if k := held.find(algorithm, id); k != nil {
		return k, nil
	}
	return nil, errUnknownKey
}

// held is the newest snapshot that may still be used; nil if there is none.
func (s *keySet) held() *snapshot {
	held := s.current.Load()
	if held != nil && s.read != nil && s.now().Sub(held.at) > keysStale {
		return nil
	}
	return held
}

// find is the key with the id; for a token without one, the only key that fits.
func (s *snapshot) find(algorithm, id string) crypto.PublicKey {
	var found crypto.PublicKey
	for _, k := range s.keys {
		if !k.fits(algorithm) || id != "" && k.id != id {
			continue
		}
		if found != nil {
			return nil
		}
		found = k.public
	}
	return found
}

// refresh begins a fetch unless one runs, and returns what is closed at its end. It is nil during the
// cooldown.
func (s *keySet) refresh() <-chan struct{} {
	if s.read == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running != nil {
		return s.running
	}
	if now := s.now(); !s.begun.IsZero() && now.Sub(s.begun) < keysCooldown || s.ctx.Err() != nil {
		return nil
	}
	s.begun = s.now()
	done := make(chan struct{})
	s.running = done
	s.fetches.Go(func() {
		s.load()
		s.mu.Lock()
		s.running = nil
		s.mu.Unlock()
		close(done)
	})
	return done
}

// load reads the source. Where that fails the keys stay as they are.
func (s *keySet) load() {
	ctx, cancel := context.WithTimeout(s.ctx, keysTimeout)
	defer cancel()
	content, err := s.read(ctx)
	var keys []key
	if err == nil {
		keys, err = readKeys(content)
	}
	if err != nil {
		if s.ctx.Err() == nil {
			s.log.Warn("the keys of an issuer cannot be read", "issuer", s.issuer, "err", err, "kept", s.held() != nil)
		}
		return
	}
	s.current.Store(&snapshot{keys, s.now()})
}

// wait returns when no fetch is running.
func (s *keySet) wait() { s.fetches.Wait() }
