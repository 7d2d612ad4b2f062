package telemetry

import (
	"context"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// newLogger builds the logger that Options describe.
func newLogger(o Options) *slog.Logger {
	asText := o.Log == "text" || o.Log != "json" && IsTerminal(o.Out)
	options := &slog.HandlerOptions{Level: o.Level}
	var base slog.Handler
	if asText {
		if IsTerminal(o.Out) {
			options.ReplaceAttr = shortTime
		}
		base = slog.NewTextHandler(o.Out, options)
	} else {
		options.ReplaceAttr = namedDuration
		base = slog.NewJSONHandler(o.Out, options)
	}
	return slog.New(&idHandler{base: base, handler: base})
}

// shortTime leaves the date to whoever sits at the terminal.
func shortTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.String(a.Key, a.Value.Time().Format(time.TimeOnly+".000"))
	}
	return a
}

// namedDuration writes durations as text with their unit; JSON would have bare nanoseconds.
func namedDuration(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		return slog.String(a.Key, a.Value.Duration().String())
	}
	return a
}

// idHandler adds request_id, trace_id and span_id from the context. They stand at the top of the
// line, whatever groups the logger has opened, so that one search finds all lines of a request.
type idHandler struct {
	base    slog.Handler // without what the logger was given
	handler slog.Handler // with it
	given   []func(slog.Handler) slog.Handler
	grouped bool
}

func (h *idHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.base.Enabled(ctx, level)
}

func (h *idHandler) Handle(ctx context.Context, r slog.Record) error {
	ids := idsOf(ctx)
	if len(ids) == 0 {
		return h.handler.Handle(ctx, r)
	}
	if !h.grouped {
		r = r.Clone()
		r.AddAttrs(ids...)
		return h.handler.Handle(ctx, r)
	}
	handler := h.base.WithAttrs(ids)
	for _, give := range h.given {
		handler = give(handler)
	}
	return handler.Handle(ctx, r)
}

func (h *idHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return h.with(h.grouped, func(b slog.Handler) slog.Handler { return b.WithAttrs(attrs) })
}

func (h *idHandler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return h.with(true, func(b slog.Handler) slog.Handler { return b.WithGroup(name) })
}

func (h *idHandler) with(grouped bool, give func(slog.Handler) slog.Handler) slog.Handler {
	given := append(append([]func(slog.Handler) slog.Handler(nil), h.given...), give)
	return &idHandler{base: h.base, handler: give(h.handler), given: given, grouped: grouped}
}

func idsOf(ctx context.Context) []slog.Attr {
	var ids []slog.Attr
	if id := RequestID(ctx); id != "" {
		ids = append(ids, slog.String("request_id", id))
	}
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		ids = append(ids,
			slog.String("trace_id", span.TraceID().String()),
			slog.String("span_id", span.SpanID().String()))
	}
	return ids
}
