package entity

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Explain gives every mistake in the schema a line of its own: file:line: what, and what instead.
func Explain(err error) string {
	var list gqlerror.List
	if !errors.As(err, &list) {
		var one *gqlerror.Error
		if !errors.As(err, &one) {
			return "codegen: " + err.Error()
		}
		list = gqlerror.List{one}
	}
	var lines []string
	for _, e := range list {
		at := ""
		if file, ok := e.Extensions["file"].(string); ok {
			at = file + ":"
			if len(e.Locations) > 0 {
				at += fmt.Sprintf("%d:", e.Locations[0].Line)
			}
			at += " "
		}
		lines = append(lines, at+e.Message)
	}
	return strings.Join(lines, "\n")
}
