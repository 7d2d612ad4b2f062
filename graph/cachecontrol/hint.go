package cachecontrol

import (
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
)

// longest is a year, in seconds: what is kept for longer is kept for good.
const longest = 365 * 24 * 60 * 60

// The scopes.
const (
	public  = "PUBLIC"
	private = "PRIVATE"
)

// hint is what one @cacheControl says.
type hint struct {
	maxAge   int    // unlimited: nothing
	scope    string // public, private, or nothing
	inherits bool
}

var nothingSaid = hint{maxAge: unlimited} //nolint:gochecknoglobals // a constant, as far as Go has them

// over is what two hints say together, of which the first wins.
func (h hint) over(o hint) hint {
	if h.maxAge == unlimited {
		h.maxAge = o.maxAge
	}
	if h.scope == "" {
		h.scope = o.scope
	}
	h.inherits = h.inherits || o.inherits
	return h
}

// hint reads the directive of a place, and refuses what makes no sense.
func (r *reader) hint(path string, list ast.DirectiveList) hint {
	d := list.ForName("cacheControl")
	if d == nil {
		return nothingSaid
	}
	h := nothingSaid
	value := func(name string) string {
		if a := d.Arguments.ForName(name); a != nil && a.Value.Kind != ast.NullValue {
			return a.Value.Raw
		}
		return ""
	}
	if text := value("maxAge"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > longest {
			r.fail(d.Position, "%s: maxAge must be from 0 to %d seconds, not %s", path, longest, text)
			n = 0
		}
		h.maxAge = n
	}
	h.scope, h.inherits = value("scope"), value("inheritMaxAge") == "true"
	switch {
	case h.inherits && h.maxAge != unlimited:
		r.fail(d.Position, "%s: maxAge and inheritMaxAge contradict each other; remove one", path)
	case h == nothingSaid:
		r.fail(d.Position, "%s: @cacheControl says nothing; write how many seconds, such as @cacheControl(maxAge: 60), or remove it", path)
	}
	if h.scope == public && gated(list) {
		r.fail(d.Position, "%s: it is not for everybody to see, so it cannot be PUBLIC; write PRIVATE, or remove the scope", path)
	}
	return h
}

// gated says whether what a viewer may see hangs on who they are.
func gated(list ast.DirectiveList) bool {
	for _, d := range list {
		switch d.Name {
		case "authenticated", "requiresScopes", "owner":
			return true
		}
	}
	return false
}
