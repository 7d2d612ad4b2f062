// Package audit writes down who was denied what, and who read what by a right of their office.
//
// It owns the lines of the audit log and what must never be in one: no variables, no tokens, nothing
// of a row but its id. It knows who asks and which operation runs, and nothing of rows, rules or
// stores: the loaders and the directives of fields tell it what happened, once for a batch.
package audit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"

	"github.com/99designs/gqlgen/graphql"

	"backline/graph/rights"
)

// maxObjects bounds the ids in a line; the others are counted.
const maxObjects = 20

// maxName bounds the name of an operation in a line, in bytes: clients choose it.
const maxName = 100

// Observer counts. The telemetry package is one.
type Observer interface {
	// Denied is told of a denial of a type or a field, by its coordinate in the schema.
	Denied(coordinate string)
}

// Log is the audit log.
type Log struct {
	log      *slog.Logger
	observer Observer
}

// New writes to log, which adds the ids of request and trace, and counts with observer. Each may be nil.
func New(log *slog.Logger, observer Observer) *Log { return &Log{log, observer} }

// Denied is told that the viewer of ctx did not get n objects of a type, or a field of n objects
// (none for a field of the root). what is the coordinate; id gives the i-th object.
func (l *Log) Denied(ctx context.Context, what string, n int, id func(i int) string) {
	if l.observer != nil {
		l.observer.Denied(what)
	}
	l.write(ctx, "denied", what, n, id)
}

// Privileged is told that the viewer of ctx got them because of a scope.
func (l *Log) Privileged(ctx context.Context, what string, n int, id func(i int) string) {
	l.write(ctx, "privileged read", what, n, id)
}

func (l *Log) write(ctx context.Context, event, what string, n int, id func(i int) string) {
	if l.log == nil {
		return
	}
	v := rights.Of(ctx)
	attrs := make([]slog.Attr, 0, 8)
	attrs = append(attrs, slog.String("what", what), slog.String("subject", v.Subject), slog.String("via", v.Via))
	if v.Issuer != "" { // two of them may call different people the same
		attrs = append(attrs, slog.String("issuer", v.Issuer))
	}
	if graphql.HasOperationContext(ctx) {
		oc := graphql.GetOperationContext(ctx)
		if oc.Operation != nil {
			attrs = append(attrs, slog.String("operation", clipped(oc.Operation.Name)))
		}
		hash := sha256.Sum256([]byte(oc.RawQuery))
		attrs = append(attrs, slog.String("document", hex.EncodeToString(hash[:])))
	}
	if n > 0 {
		objects := make([]string, min(n, maxObjects))
		for i := range objects {
			objects[i] = id(i)
		}
		attrs = append(attrs, slog.Any("objects", objects))
	}
	if more := n - maxObjects; more > 0 {
		attrs = append(attrs, slog.Int("more", more))
	}
	l.log.LogAttrs(ctx, slog.LevelInfo, event, attrs...)
}

func clipped(name string) string { return name[:min(len(name), maxName)] }
