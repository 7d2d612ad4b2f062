package cost

import "strings"

// introspectionWeight is that of an object of the schema's own description: little, but its lists nest
// without end. Their sizes are those of a schema of middling size, so that the query of a developer's
// tool stays below 1000 points, and some more levels of fields of types do not.
const introspectionWeight = Point / 100

func introspectionSize(coordinate string) int64 {
	switch coordinate {
	case "__Schema.types":
		return 50
	case "__Schema.directives", "__Type.fields":
		return 10
	case "__Type.interfaces":
		return 2
	case "__Directive.args":
		return 3
	case "__Type.inputFields", "__Type.enumValues", "__Type.possibleTypes", "__Field.args":
		return 5
	}
	return 10 // that a later version of the specification may add
}

func isIntrospection(typ string) bool { return strings.HasPrefix(typ, "__") }
