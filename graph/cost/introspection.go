package cost

import "strings"

// Introspection costs little for an object, but its lists nest without end. Their sizes are those of a
// schema of middling size, so that the query of a developer's tool stays below 1000, and one level of
// fields of types of fields more does not.
const introspectionWeight = Point / 100

var introspectionSizes = map[string]int64{
	"__Schema.types":       50,
	"__Schema.directives":  10,
	"__Type.fields":        10,
	"__Type.inputFields":   5,
	"__Type.enumValues":    5,
	"__Type.interfaces":    2,
	"__Type.possibleTypes": 5,
	"__Field.args":         5,
	"__Directive.args":     3,
	// Leaves:
	"__Directive.locations": 5,
}

// introspectionSize is what lists have that nobody thought of: a later version of the specification
// may add some.
const introspectionSize = 10

func isIntrospection(typ string) bool { return strings.HasPrefix(typ, "__") }
