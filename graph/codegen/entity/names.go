package entity

import (
	"strings"
	"unicode"

	"github.com/99designs/gqlgen/codegen/templates"
)

// goName is the name that gqlgen gives a field.
func goName(field string) string { return templates.ToGo(field) }

// snake turns unitPrice into unit_price.
func snake(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// plural is English enough for the names of types.
func plural(name string) string {
	lower := strings.ToLower(name)
	last := lower[len(lower)-1]
	switch {
	case last == 'y' && len(lower) > 1 && !strings.ContainsRune("aeiou", rune(lower[len(lower)-2])):
		return name[:len(name)-1] + "ies"
	case last == 's', last == 'x', last == 'z', strings.HasSuffix(lower, "ch"), strings.HasSuffix(lower, "sh"):
		return name + "es"
	default:
		return name + "s"
	}
}
