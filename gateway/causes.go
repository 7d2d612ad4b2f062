package gateway

import (
	"context"
	"errors"
	"log/slog"

	"github.com/vektah/gqlparser/v2/gqlerror"
)

// maxCauses bounds the log lines of one response. A failed batch fails each of its items, usually
// for one reason.
const maxCauses = 5

// causes logs what the boundary kept from the client, once for each distinct cause of a response, and tells
// the observer the codes.
type causes struct {
	log      *slog.Logger
	observer Observer
}

func (c causes) report(ctx context.Context, list gqlerror.List) {
	if len(list) == 0 {
		return
	}
	seen := make(map[string]int, len(list))
	for i, e := range list {
		if codeOf(e) == "" { // an executor may answer without asking the error presenter
			e = present(ctx, e)
			list[i] = e
		}
		code := codeOf(e)
		if c.observer != nil {
			c.observer.Error(code)
		}
		if level, cause, ok := hiddenCause(code, e); ok {
			text := cause.Error()
			seen[text]++
			if seen[text] == 1 && len(seen) <= maxCauses {
				c.logCause(ctx, level, code, e, cause)
			}
		}
	}
	hidden := 0
	for _, n := range seen {
		hidden += n
	}
	if rest := hidden - min(len(seen), maxCauses); rest > 0 {
		c.log.WarnContext(ctx, "more errors of the same response", "count", rest)
	}
}

func (c causes) logCause(ctx context.Context, level slog.Level, code string, e *gqlerror.Error, cause error) {
	attrs := []slog.Attr{slog.String("code", code), slog.String("path", e.Path.String()), slog.Any("err", cause)}
	if p, ok := errors.AsType[*panicError](cause); ok {
		attrs = append(attrs, slog.String("stack", string(p.stack)))
	}
	c.log.LogAttrs(ctx, level, "a field failed", attrs...)
}

// hiddenCause tells what the client was not told: everything of an internal error, and the reason
// behind a message such as "cannot be reached at the moment".
func hiddenCause(code string, e *gqlerror.Error) (slog.Level, error, bool) {
	cause := e.Err
	if ge, ok := cause.(*gqlerror.Error); ok && ge.Err != nil { //nolint:errorlint // one level: gqlgen's wrapping
		cause = ge.Err
	}
	if cause == nil {
		return 0, nil, false
	}
	if code == CodeInternal {
		return slog.LevelError, cause, true
	}
	if code == CodeCancelled {
		return slog.LevelDebug, cause, true
	}
	if ce, ok := errors.AsType[ClientError](cause); ok {
		inner := errors.Unwrap(ce)
		return slog.LevelWarn, inner, inner != nil
	}
	return slog.LevelWarn, cause, code == CodeTimeout
}

// codeOf is the code that the boundary gave an error.
func codeOf(e *gqlerror.Error) string {
	code, _ := e.Extensions["code"].(string)
	return code
}
