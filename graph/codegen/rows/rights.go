package rows

import (
	"fmt"
	"strings"

	"backline/graph/codegen/entity"
)

// owners are the descriptions of those whom the rows of an entity belong to, as fields of an Owner.
func owners(e *entity.Entity) []string {
	var out []string
	for _, o := range e.Policy.Owners {
		var fields []string
		if o.Target != nil {
			fields = append(fields, "Kind: Kind"+o.Target.GoName, fmt.Sprintf("Column: %q", o.Column))
		}
		if o.Up > 0 {
			fields = append(fields, fmt.Sprintf("Up: %d", o.Up))
		}
		if o.Scopes != nil {
			fields = append(fields, "Scopes: "+scopes(o.Scopes))
		}
		out = append(out, strings.Join(fields, ", "))
	}
	return out
}

// gate is what stands before all rows of an entity; "" if nothing does.
func gate(e *entity.Entity) string {
	switch {
	case !e.Policy.Gated():
		return ""
	case e.Policy.Scopes == nil:
		return "&Gate{}"
	default:
		return "&Gate{Scopes: " + scopes(e.Policy.Scopes) + "}"
	}
}

// scopes are lists of scopes as a literal of Go.
func scopes(ways [][]string) string {
	lists := make([]string, len(ways))
	for i, all := range ways {
		lists[i] = strings.TrimPrefix(fmt.Sprintf("%#v", all), "[]string")
	}
	return "[][]string{" + strings.Join(lists, ", ") + "}"
}
