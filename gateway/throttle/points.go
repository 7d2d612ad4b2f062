package throttle

import (
	"math"
	"time"
)

// Points are what requests cost, in thousandths of a point, as prices are counted.
type Points int64

// Point is one point.
const Point Points = 1000

// Whole is the number of whole points.
func (p Points) Whole() int64 { return int64(max(p, 0) / Point) }

// since is how many points come back in a time at a rate per second.
func since(elapsed time.Duration, rate Points, most Points) Points {
	if elapsed <= 0 {
		return 0
	}
	gained := elapsed.Seconds() * float64(rate)
	if gained >= float64(most) {
		return most
	}
	return Points(gained)
}

// until is how long it takes for points to come back at a rate per second.
func until(missing, rate Points) time.Duration {
	if missing <= 0 {
		return 0
	}
	const longest = 24 * time.Hour
	seconds := float64(missing) / float64(rate)
	if seconds >= longest.Seconds() {
		return longest
	}
	return time.Duration(math.Ceil(seconds * float64(time.Second)))
}
