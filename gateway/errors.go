package gateway

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"backline/telemetry"
)

// ClientError is an error that a client may read: packages below the gateway return typed errors
// with these two methods. The code is in upper snake case, the message says what is allowed and
// names nothing of the inside. Every error without one is internal.
type ClientError interface {
	error
	Code() string
	SafeMessage() string
}

const internalMessage = "internal error"

// present is the boundary: whatever went wrong leaves here as a code and a message that a client
// may read. The cause stays in Err, which is never encoded, for the log.
func present(ctx context.Context, err error) *gqlerror.Error {
	ge, ok := errors.AsType[*gqlerror.Error](err)
	if !ok {
		ge = &gqlerror.Error{Err: err, Path: graphql.GetPath(ctx)}
	}
	out := &gqlerror.Error{Err: err, Path: ge.Path, Locations: ge.Locations}
	code, message := classify(ctx, err, ge)
	if argument, isArgument := argumentOf(ctx, ge); isArgument {
		out.Path = graphql.GetPath(ctx) // a response has no path to an argument
		if code == CodeInternal {
			code, message = CodeBadUserInput, fmt.Sprintf("argument %q: %s", argument, ge.Message)
		}
	}
	if len(out.Path) > 0 && out.Path[0] == ast.PathName("variable") && ge.Err == nil && code == CodeBadUserInput {
		out.Path = nil // gqlparser's path into the variables; the message has it
	}
	out.Message = message
	out.Extensions = map[string]any{"code": code}
	if code == CodeInternal {
		out.Extensions["correlationId"] = telemetry.RequestID(ctx)
	}
	return out
}

// classify finds the code and the message of an error.
func classify(ctx context.Context, err error, ge *gqlerror.Error) (code, message string) {
	if _, ok := errors.AsType[*panicError](err); ok {
		return CodeInternal, internalMessage
	}
	if ce, ok := errors.AsType[ClientError](err); ok && isCode(ce.Code()) && ce.Code() != CodeInternal {
		return ce.Code(), ce.SafeMessage()
	}
	if ge.Err == nil {
		if code, ok := ge.Extensions["code"].(string); ok && isCode(code) && code != CodeInternal {
			return requestError(ge, code)
		}
	}
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return CodeTimeout, "the request took too long"
	case errors.Is(ctx.Err(), context.Canceled), errors.Is(err, context.Canceled):
		return CodeCancelled, "the request was cancelled"
	case errors.Is(err, context.DeadlineExceeded):
		return CodeTimeout, "this field took too long"
	}
	return CodeInternal, internalMessage
}

// requestError sharpens what gqlgen and gqlparser say about a document and its variables. They
// wrote the message from the request and the schema alone, so it is safe; values are left out of it.
func requestError(ge *gqlerror.Error, code string) (_, message string) {
	if code == CodeValidationFailed && len(ge.Path) > 1 && ge.Path[0] == ast.PathName("variable") {
		message := ge.Message
		if i := strings.Index(message, " is not a valid "); i >= 0 {
			message = message[i+1:]
		}
		return CodeBadUserInput, clipped(fmt.Sprintf("variable $%s: %s", ge.Path[1:], withoutNumber(message)))
	}
	return code, clipped(ge.Message)
}

// argumentOf recognizes the error of an argument that did not unmarshal: gqlgen raises it while the
// arguments of the field at hand are still unset, with a path that leads into them.
func argumentOf(ctx context.Context, ge *gqlerror.Error) (name string, ok bool) {
	fc := graphql.GetFieldContext(ctx)
	if fc == nil || fc.Args != nil || fc.Field.Field == nil || fc.Field.Definition == nil {
		return "", false
	}
	path := graphql.GetPath(ctx)
	if len(ge.Path) <= len(path) {
		return "", false
	}
	argument, ok := ge.Path[len(path)].(ast.PathName)
	if !ok || fc.Field.Definition.Arguments.ForName(string(argument)) == nil {
		return "", false
	}
	return ge.Path[len(path):].String(), true
}

// isCode keeps a stranger's Code method, an SQLSTATE for one, from becoming a code of ours.
func isCode(code string) bool {
	for i := range len(code) {
		switch c := code[i]; {
		case 'A' <= c && c <= 'Z':
		case i > 0 && (c == '_' || '0' <= c && c <= '9'):
		default:
			return false
		}
	}
	return code != ""
}

// panicError is what a resolver's panic becomes.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// recovered keeps the stack of a panic for the log.
func recovered(_ context.Context, v any) error {
	return &panicError{value: v, stack: debug.Stack()}
}
