package throttle

import (
	"math"
	"net/http"
	"strconv"
	"time"
)

// The header fields of draft-ietf-httpapi-ratelimit-headers-10, which are structured fields (RFC 9651).
const (
	policyHeader = "Ratelimit-Policy" // as net/http spells it
	limitHeader  = "Ratelimit"
)

// policyField is `"default";q=10000;qu="points";w=20`: the quota, its unit, and the seconds in which an
// empty bucket is full again.
func (p *Plan) policyField() string {
	return `"` + p.Name + `";q=` + strconv.FormatInt(p.Capacity.Whole(), 10) + `;qu="points";w=` +
		strconv.FormatInt(Seconds(until(p.Capacity, p.Restore)), 10)
}

// SetHeaders writes RateLimit-Policy and RateLimit: what is left, and in how many seconds there will be
// enough for a request that has to wait, or else all of it.
func (s Status) SetHeaders(h http.Header, wait time.Duration) {
	if wait == 0 {
		wait = until(s.Plan.Capacity-s.Available, s.Plan.Restore)
	}
	b := make([]byte, 0, 64)
	b = append(b, '"')
	b = append(b, s.Plan.Name...)
	b = append(b, `";r=`...)
	b = strconv.AppendInt(b, s.Available.Whole(), 10)
	b = append(b, `;t=`...)
	b = strconv.AppendInt(b, Seconds(wait), 10)
	h[policyHeader] = s.Plan.policy
	h[limitHeader] = []string{string(b)}
}

// Seconds is a time in whole seconds, rounded up, as Retry-After wants it.
func Seconds(d time.Duration) int64 { return int64(math.Ceil(d.Seconds())) }
