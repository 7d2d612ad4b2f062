package loaders

import (
	"backline/loaders/fieldcache"
	"backline/store"
)

// looked is a batch that went through the cache, and what was asked of the store for it.
type looked struct {
	sender  cachedSender
	queries []*store.Query
}

// TraceCache says where the keys of a batch were found.
type TraceCache struct {
	// Local in the process, Redis there, Stale in either after their time, Joined on their way for another
	// response, Missed nowhere; Rescued of those are old values, since loading them failed.
	Local   int `json:"local,omitempty"`
	Redis   int `json:"redis,omitempty"`
	Stale   int `json:"stale,omitempty"`
	Joined  int `json:"joined,omitempty"`
	Missed  int `json:"miss,omitempty"`
	Rescued int `json:"staleIfError,omitempty"`
}

// tellLooked tells the observer of what became of the keys of the batches.
func (s *Set) tellLooked(all []looked) {
	o := s.options.Observer
	if o == nil {
		return
	}
	for _, l := range all {
		name, b := l.sender.lookup()
		n := &b.Counts
		o.BatchLooked(s.ctx, name, n.Local, n.Redis, n.Stale, n.Joined, n.Missed)
	}
}

func traceCache(n fieldcache.Counts) *TraceCache { return (*TraceCache)(&n) }
