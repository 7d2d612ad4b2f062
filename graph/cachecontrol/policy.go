package cachecontrol

import "strconv"

// Policy is for how long and by whom an answer may be kept. The zero value: not at all.
type Policy struct {
	// MaxAge in seconds; 0: it may not be kept.
	MaxAge int
	// Private says that only the client that asked may keep it, and no cache that others share.
	Private bool
}

// Header is the value of Cache-Control: "max-age=60, public", or "no-store".
func (p Policy) Header() string {
	switch {
	case p.MaxAge <= 0:
		return "no-store"
	case p.Private:
		return "max-age=" + strconv.Itoa(p.MaxAge) + ", private"
	default:
		return "max-age=" + strconv.Itoa(p.MaxAge) + ", public"
	}
}

// unlimited is the age of what nothing restricts.
const unlimited = -1

// restriction is what one field does to the policy.
type restriction struct {
	maxAge   int // unlimited: nothing
	private  bool
	isViewer bool // others may see another thing
}

func (r *restriction) add(o restriction) {
	if o.maxAge != unlimited && (r.maxAge == unlimited || o.maxAge < r.maxAge) {
		r.maxAge = o.maxAge
	}
	r.private = r.private || o.private
	r.isViewer = r.isViewer || o.isViewer
}

func (r restriction) policy() Policy {
	if r.maxAge <= 0 || r.isViewer && !r.private {
		return Policy{}
	}
	return Policy{MaxAge: r.maxAge, Private: r.private}
}
