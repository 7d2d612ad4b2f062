package entity

import (
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
)

// longest is for how many seconds something may be kept: 30 days, the life of the generations that it
// depends on.
const longest = 30 * 24 * 60 * 60

// cached reads the types whose rows are kept by id. It refuses what could not be kept right.
func (r *reader) cached() {
	for _, def := range r.definitions(ast.Object) {
		d := def.Directives.ForName("cached")
		if d == nil {
			continue
		}
		e := r.byName[def.Name]
		if e == nil {
			r.fail(d.Position, "%s has no @table, so nothing says when it changes; remove @cached", def.Name)
			continue
		}
		e.Cached = &Cached{
			TTL:                  r.seconds(d, def.Name, "ttl", 1),
			StaleWhileRevalidate: r.seconds(d, def.Name, "staleWhileRevalidate", 0),
			StaleIfError:         r.seconds(d, def.Name, "staleIfError", 0),
		}
	}
}

// seconds reads a duration that is at least so long.
func (r *reader) seconds(d *ast.Directive, path, name string, least int) int {
	n, err := strconv.Atoi(argument(d, name))
	if err != nil || n < least || n > longest {
		r.fail(d.Position, "%s: %s must be from %d to %d seconds, not %s", path, name, least, longest, argument(d, name))
	}
	return n
}
