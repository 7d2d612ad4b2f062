package loaders

import (
	"context"

	"backline/loaders/fieldcache"
	"backline/store"
)

// record notes what a sender is about to read: what does not go through the cache is unknown there. s.mu is
// held.
func (s *Set) record(p sender) {
	if s.reads == nil {
		return
	}
	if _, ok := p.(cachedSender); !ok {
		s.reads.Unknown()
	}
}

// recordLooked notes what batches look up, whether there is a value or not.
func (s *Set) recordLooked(all []looked) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reads == nil {
		return
	}
	for _, l := range all {
		_, b := l.sender.lookup()
		s.reads.AddBatch(b)
	}
}

// recordRow notes a row that came without being asked for. s.mu is held.
func (s *Set) recordRow(space *fieldcache.Space, id store.ID) {
	if s.reads != nil {
		s.reads.Add(space, int64(id))
	}
}

// Subtrees is the cache as the response of ctx sees it, if it keeps subtrees at the moment; else nil. It
// makes no loaders.
func Subtrees(ctx context.Context) *fieldcache.Session {
	a, ok := ctx.Value(contextKey{}).(*attachment)
	if !ok || a.session == nil || !a.options.Cache.KeepsSubtrees() {
		return nil
	}
	return a.session
}

// Record notes from now on what is read for the response of ctx. Nothing may have been read yet.
func Record(ctx context.Context) *Recording {
	s := For(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads = &fieldcache.Reads{}
	return &Recording{s}
}

// Recording is what Record began.
type Recording struct{ set *Set }

// End gives what was read. Nothing of the response may be running.
func (r *Recording) End() *fieldcache.Reads {
	r.set.mu.Lock()
	defer r.set.mu.Unlock()
	reads := r.set.reads
	r.set.reads = nil
	return reads
}
