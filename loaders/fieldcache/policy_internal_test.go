package fieldcache

import (
	"testing"
	"time"
)

func TestJitter(t *testing.T) {
	t.Parallel()
	p, err := Policy{TTL: time.Minute}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	least, most := int64(1<<62), int64(0)
	for range 10_000 {
		soft := p.softExpiry(1000, false) - 1000
		least, most = min(least, soft), max(most, soft)
	}
	if least < 54_000 || least > 54_500 || most > 66_000 || most < 65_500 {
		t.Errorf("a minute is between %d and %d ms", least, most)
	}
}

func TestFreshness(t *testing.T) {
	t.Parallel()
	p := Policy{TTL: time.Minute, StaleWhileRevalidate: time.Second, StaleIfError: 2 * time.Second}
	for left, want := range map[int64]freshness{1: fresh, 0: stale, -1000: stale, -1001: fallback, -2000: fallback, -2001: expired} {
		if got := p.freshness(&entry{value: 1, soft: 5000 + left}, 5000, 0); got != want {
			t.Errorf("%d ms left: %d, want %d", left, got, want)
		}
	}
	if got := p.freshness(&entry{soft: 5000}, 5000, 0); got != expired {
		t.Errorf("the absence of a row is served after its time: %d", got)
	}
}

// TestXFetch holds the share of early refreshes against the paper's formula: with beta 1 it is
// e^(-left/delta).
func TestXFetch(t *testing.T) {
	t.Parallel()
	const n = 200_000
	for left, want := range map[int64]float64{10: 0.3679, 20: 0.1353, 50: 0.0067, 200: 0} {
		hits := 0
		for range n {
			if isEarly(left, 10_000) {
				hits++
			}
		}
		if got := float64(hits) / n; got < want-0.01 || got > want+0.01 {
			t.Errorf("%d ms before the end of a value that takes 10 ms: %.4f, want %.4f", left, got, want)
		}
	}
}
