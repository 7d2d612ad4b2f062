package main

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"backline/store/feed"
)

// limits is a cache that only knows its limit.
type limits struct{ age time.Duration }

func (l *limits) Limit(age time.Duration) { l.age = age }

// TestHearing: a cache is limited until all that was missed has been heard, and not for a takeover.
func TestHearing(t *testing.T) {
	t.Parallel()
	reading := feed.Status{Shard: "0", State: feed.Reading, Read: true, Confirmed: 100}
	standby := feed.Status{Shard: "1", State: feed.Standby, Read: true, Covers: true, Confirmed: 100}
	status := []feed.Status{reading, standby}
	cache := &limits{}
	h := newHearing(func() []feed.Status { return status }, cache, slog.New(slog.DiscardHandler))
	now := time.Unix(0, 0)
	after := func(d time.Duration, want bool, why string) {
		t.Helper()
		now = now.Add(d)
		h.listen(now)
		if got := cache.age > 0; got != want {
			t.Errorf("%s: limited is %v", why, got)
		}
	}
	if cache.age != unheard {
		t.Error("at the start what is in Redis may be from before changes that wait")
	}
	after(0, true, "it is not known yet what waits")
	after(0, false, "nothing waits")

	status[1].Read = false
	after(time.Second, false, "a reader has died")
	after(unheard-time.Millisecond, false, "and has no successor yet")
	status[1].Read = true
	status[1].LagBytes = 50
	after(time.Millisecond, false, "but now it has")
	after(time.Minute, false, "which has not read what waited yet")
	status[1].Read = false
	after(0, true, "and dies too: not heard for longer than is good")
	status[1].Read = true
	after(time.Second, true, "the next one")
	after(time.Second, true, "has not read all")
	status[1].Confirmed, status[1].LagBytes = 150, 1000
	after(0, false, "what was written since it began may wait")

	status[0] = feed.Status{Shard: "0", State: feed.Unavailable, Err: &feed.UnavailableError{Reason: feed.NotLogical}}
	after(0, false, "it may come back")
	after(unheard, true, "it does not")
	if got := h.health(); got[0].Heard || got[0].Reason != "wal_level is not logical" || !got[1].Heard {
		t.Errorf("probes hear %+v", got)
	}
	status[0] = reading
	after(0, true, "it is not known yet what waits")
	after(0, false, "nothing does")

	status[0].Lag = unheard + time.Second
	after(0, false, "late")
	after(unheard, true, "too late for long")
	status[0] = reading
	after(0, true, "in time")
	after(0, false, "and all is read")

	status[1] = standby
	status[1].Covers = false
	after(0, false, "another release has taken over")
	after(unheard, true, "and does not tell of all that is kept here")
	if got := h.health(); got[1].Heard || !strings.Contains(got[1].Reason, "another release") {
		t.Errorf("probes hear %+v", got)
	}
	after(time.Hour, true, "as long as it reads")
	status[1].Covers = true
	after(0, true, "one of this release does")
	after(0, false, "and all is read")

	status[0].Advice = []feed.Advice{{Kind: feed.NoTable, Table: "album"}}
	after(0, false, "a table is gone")
	after(unheard, true, "for good")
}
