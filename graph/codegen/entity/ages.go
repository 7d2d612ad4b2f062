package entity

import (
	"errors"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"backline/graph/cachecontrol"
)

// ages refuses a @cacheControl that makes no sense. The server would do so at its start; here whoever has
// written it still looks at the schema. What makes sense is said in one place.
func (r *reader) ages() {
	_, err := cachecontrol.NewTable(r.schema)
	if mistakes, ok := errors.AsType[gqlerror.List](err); ok {
		r.errs = append(r.errs, mistakes...)
	}
}
