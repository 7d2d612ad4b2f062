package fieldcache

import (
	"errors"
	"math"
	"math/rand/v2"
	"time"
)

// Scope says whom a value may be given to.
type Scope uint8

const (
	// Public values are the same for everybody.
	Public Scope = iota
	// Private values belong to one viewer; nobody (a session without a viewer) has none.
	Private
)

// Policy says how long values of a space live.
type Policy struct {
	// TTL is how long a value is fresh, give or take a tenth. It must be positive.
	TTL time.Duration
	// StaleWhileRevalidate is how long after that it is still served while it is loaded anew.
	StaleWhileRevalidate time.Duration
	// StaleIfError is how long after TTL it is served where loading it anew fails.
	StaleIfError time.Duration
	// Negative is the TTL of "there is no such row"; 0 means TTL, but at most ten seconds: ids that
	// do not exist are what an attacker asks for.
	Negative time.Duration
	Scope    Scope
}

const negativeTTL = 10 * time.Second

var errNoTTL = errors.New("the TTL must be positive, and no other duration negative")

func (p Policy) withDefaults() (Policy, error) {
	if p.TTL < time.Millisecond || p.StaleWhileRevalidate < 0 || p.StaleIfError < 0 || p.Negative < 0 {
		return p, errNoTTL
	}
	if p.Negative == 0 {
		p.Negative = min(p.TTL, negativeTTL)
	}
	return p, nil
}

// softExpiry is when a value that is filled now stops being fresh, in Unix milliseconds. Values filled
// together do not expire together.
func (p *Policy) softExpiry(now int64, negative bool) int64 {
	ttl := p.TTL
	if negative {
		ttl = p.Negative
	}
	jitter := 0.9 + 0.2*rand.Float64()
	return now + max(1, int64(jitter*float64(ttl.Milliseconds())))
}

// hardExpiry is when it is of no use to anybody.
func (p *Policy) hardExpiry(soft int64, negative bool) int64 {
	if negative {
		return soft
	}
	return soft + max(p.StaleWhileRevalidate, p.StaleIfError).Milliseconds()
}

type freshness uint8

const (
	expired  freshness = iota
	fallback           // of use where loading fails
	stale              // to be served, and loaded anew
	early              // fresh, but it is time to load it anew
	fresh
)

// freshness of e. limit is how many milliseconds ago it may have been filled to be more than a fallback,
// 0 if that does not matter.
func (p *Policy) freshness(e *entry, now, limit int64) freshness {
	left := e.soft - now
	if limit > 0 && now-e.filled > limit {
		if e.value != nil && -left <= p.StaleIfError.Milliseconds() {
			return fallback
		}
		return expired
	}
	switch {
	case left > 0:
		if isEarly(left, e.delta) {
			return early
		}
		return fresh
	case e.value == nil:
		return expired
	case -left <= p.StaleWhileRevalidate.Milliseconds():
		return stale
	case -left <= p.StaleIfError.Milliseconds():
		return fallback
	default:
		return expired
	}
}

// isEarly is XFetch: the closer the end and the longer the load, the likelier somebody loads anew
// before all have to (Vattani, Chierichetti, Lowenstein: Optimal Probabilistic Cache Stampede
// Prevention, 2015; beta is 1).
func isEarly(left int64, delta uint32) bool {
	if !mayBeEarly(left, delta) {
		return false
	}
	load := float64(delta) / 1000 // milliseconds
	return -load*math.Log(1-rand.Float64()) >= float64(left)
}

// mayBeEarly says whether isEarly is worth a logarithm: it is as good as never true otherwise.
func mayBeEarly(left int64, delta uint32) bool { return left*1000 <= 16*int64(delta) }
