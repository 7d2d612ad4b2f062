package gateway

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"backline/gateway/limit"
)

// checker makes documents of texts that are within limits and valid.
type checker struct {
	limits   limit.Limits
	validate validation
}

// check finds out what a text is. Each step is paid for by the limits before it.
func (c checker) check(text string) (*document, gqlerror.List) {
	if err := c.limits.Text(text); err != nil {
		return nil, refused(err)
	}
	query, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		return nil, unparsed(err)
	}
	if len(query.Operations) == 0 {
		return nil, gqlerror.List{coded(CodeValidationFailed, "no operation provided")}
	}
	if err := c.limits.Document(query); err != nil {
		return nil, refused(err)
	}
	if errs := c.validate.check(query); errs != nil {
		return nil, errs
	}
	return newDocument(query), nil
}
