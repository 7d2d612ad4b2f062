package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"backline/store/feed"
	"backline/telemetry"
)

const (
	// unheard is for how long a shard's changes may not be heard before the cache is limited, and then
	// how old the values may be that it serves: so they are never older than that. A reader that dies
	// has a successor sooner.
	unheard = 5 * time.Second
	// listenEvery is how often the feeds are looked at; it asks nobody.
	listenEvery = 250 * time.Millisecond
)

// limited is the cache, as far as it is told what is heard.
type limited interface{ Limit(age time.Duration) }

// hearing knows of which shards the changes are heard, and limits the cache while they are not.
type hearing struct {
	status func() []feed.Status
	cache  limited
	log    *slog.Logger

	mu     sync.Mutex
	shards []shardHearing
}

// shardHearing is what is known of one shard.
type shardHearing struct {
	heard bool
	since time.Time // not heard since then
	// target is what the feed must have read to be heard again: until then changes from before may wait.
	target feed.LSN
	deaf   []string // tables of which nothing is heard
	limits bool     // it is one of those because of which the cache is limited
}

func newHearing(status func() []feed.Status, cache limited, log *slog.Logger) *hearing {
	h := &hearing{status: status, cache: cache, log: log, shards: make([]shardHearing, len(status()))}
	for i := range h.shards {
		h.shards[i].limits = true // whatever is in Redis may be from before changes that wait
	}
	cache.Limit(unheard)
	return h
}

// listen looks at the feeds once.
func (h *hearing) listen(now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	before := h.isLimited()
	for i, s := range h.status() {
		h.shards[i].listen(s, now, h.log)
	}
	switch after := h.isLimited(); {
	case before == after:
	case after:
		h.cache.Limit(unheard)
	default:
		h.cache.Limit(0)
		h.log.Info("changes of all shards are heard: the cache keeps rows for as long as their policies say")
	}
}

func (h *hearing) isLimited() bool {
	return slices.ContainsFunc(h.shards, func(s shardHearing) bool { return s.limits })
}

// isHeard says whether somebody reads a shard's changes, and tells of them all that this process needs:
// one of another release may not know of all that this one keeps.
func isHeard(s feed.Status) bool {
	return s.State == feed.Reading || s.State == feed.Standby && s.Read && s.Covers
}

func (s *shardHearing) listen(now feed.Status, at time.Time, log *slog.Logger) {
	reads := isHeard(now)
	s.deaf = nil
	for _, a := range now.Advice {
		if a.IsDeaf() {
			s.deaf = append(s.deaf, a.Table)
		}
	}
	switch {
	case !reads || now.Lag > unheard || s.deaf != nil:
		if s.heard || s.since.IsZero() {
			s.heard, s.since = false, at
		}
		s.target = 0
		if !s.limits && at.Sub(s.since) >= unheard {
			s.limits = true
			log.Warn("changes of a shard are not heard: rows that are kept for longer than five seconds are read anew",
				"shard", now.Shard, "state", now.State, "lag", now.Lag, "covered", now.Covers, "tables", s.deaf, "err", now.Err)
		}
	case s.heard:
	case s.target == 0:
		s.target = now.Confirmed + feed.LSN(now.LagBytes) //nolint:gosec // never below 0
	case now.Confirmed >= s.target:
		s.heard, s.limits, s.since = true, false, time.Time{}
	}
}

// run looks at the feeds until ctx ends.
func (h *hearing) run(ctx context.Context) {
	ticker := time.NewTicker(listenEvery)
	defer ticker.Stop()
	for {
		select {
		case at := <-ticker.C:
			h.listen(at)
		case <-ctx.Done():
			return
		}
	}
}

// feeds are the change feeds for the metrics.
func (h *hearing) feeds() []telemetry.Feed {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]telemetry.Feed, len(h.shards))
	for i, s := range h.status() {
		all[i] = telemetry.Feed{
			Shard: s.Shard, State: string(s.State), Heard: h.shards[i].heard,
			LagBytes: s.LagBytes, KeptBytes: s.KeptBytes, SafeBytes: s.SafeBytes, Lag: s.Lag,
		}
	}
	return all
}

// feedHealth is what /health/ready tells of one shard's feed: nothing that is secret.
type feedHealth struct {
	Shard    string  `json:"shard"`
	State    string  `json:"state"`
	Heard    bool    `json:"heard"`
	LagBytes int64   `json:"lagBytes"`
	LagMS    float64 `json:"lagMs"`
	Reason   string  `json:"reason,omitempty"`
}

func (h *hearing) health() []feedHealth {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]feedHealth, len(h.shards))
	for i, s := range h.status() {
		f := feedHealth{Shard: s.Shard, State: string(s.State), Heard: h.shards[i].heard, LagBytes: s.LagBytes, LagMS: float64(s.Lag) / 1e6}
		if u, ok := errors.AsType[*feed.UnavailableError](s.Err); ok {
			f.Reason = reasons[u.Reason]
		} else if h.shards[i].deaf != nil {
			f.Reason = "some tables are not followed; the log names them"
		}
		if f.Reason == "" && s.State == feed.Standby && s.Read && !s.Covers {
			f.Reason = "an instance of another release reads, which does not know of all that this one keeps"
		}
		all[i] = f
	}
	return all
}

// reasons are what probes may hear of why a shard can have no feed. The log says what to do.
//
//nolint:gochecknoglobals // constants, as far as Go has them
var reasons = map[feed.Reason]string{
	feed.NotLogical:   "wal_level is not logical",
	feed.NotPermitted: "the database user may not replicate",
	feed.NoneLeft:     "no replication slot is free",
	feed.TooOld:       "Postgres is too old",
}

// cacheHealth is what /health/ready tells of the cache. None of it makes an instance unready: without
// the cache it answers too.
type cacheHealth struct {
	Mode    string       `json:"mode"`
	Redis   string       `json:"redis"` // "UP", or "DOWN": the cache does without
	Local   bool         `json:"local"` // values of the process are served
	Limited bool         `json:"limited"`
	Feeds   []feedHealth `json:"feeds"`
}

// isWell says that no shard has fallen silent. One that is only beginning to be heard, as after the
// start, has not.
func (h *hearing) isWell() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return !slices.ContainsFunc(h.shards, func(s shardHearing) bool { return s.limits && !s.since.IsZero() })
}

// healthDetails are the details of /health/ready. The cache is whole where Redis is there and all shards
// are heard.
func (k *keeping) healthDetails() (details map[string]any, whole bool) {
	c := cacheHealth{
		Mode: k.mode, Redis: "DOWN", Local: k.cache.ServesLocally(), Limited: k.cache.IsLimited(), Feeds: k.hearing.health(),
	}
	if k.cache.IsAvailable() {
		c.Redis = "UP"
	}
	return map[string]any{"cache": c}, c.Redis == "UP" && k.hearing.isWell()
}
