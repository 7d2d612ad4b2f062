package telemetry_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"backline/telemetry"
)

func TestLogFormat(t *testing.T) {
	t.Parallel()
	for format, want := range map[string]string{
		"text": `level=INFO msg=hello n=1`,
		"json": `"level":"INFO","msg":"hello","n":1}`,
		"auto": `"level":"INFO","msg":"hello","n":1}`, // a buffer is no terminal
		"":     `"level":"INFO","msg":"hello","n":1}`,
	} {
		tel, out := start(t, telemetry.Options{Log: format})
		tel.Log.Info("hello", "n", 1)
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q: got %s", format, out.String())
		}
	}
}

func TestLogDuration(t *testing.T) {
	t.Parallel()
	for format, want := range map[string]string{"json": `"took":"1.5s"`, "text": "took=1.5s"} {
		tel, out := start(t, telemetry.Options{Log: format})
		tel.Log.Info("hello", "took", 1500*time.Millisecond)
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s: got %s", format, out.String())
		}
	}
}

func TestLogLevel(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	tel, err := telemetry.New(t.Context(), telemetry.Options{Out: &out, Level: slog.LevelWarn})
	if err != nil {
		t.Fatal(err)
	}
	tel.Log.Info("quiet")
	tel.Log.Warn("loud")
	if out := out.String(); strings.Contains(out, "quiet") || !strings.Contains(out, "loud") {
		t.Errorf("got %s", out)
	}
}

// The ids of a request stand at the top of a line, whatever the logger was given before.
func TestLogIDs(t *testing.T) {
	t.Parallel()
	tel, out := start(t, telemetry.Options{Log: "json"})
	ctx := telemetry.WithRequestID(t.Context(), "r-1")
	for name, log := range map[string]*slog.Logger{
		"plain":  tel.Log,
		"attrs":  tel.Log.With("a", 1),
		"group":  tel.Log.WithGroup("g").With("a", 1),
		"nested": tel.Log.With("a", 1).WithGroup("g").WithGroup("h"),
	} {
		out.Reset()
		log.InfoContext(ctx, "hello", "n", 1)
		var line map[string]any
		if err := json.Unmarshal(out.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		if line["request_id"] != "r-1" {
			t.Errorf("%s: got %s", name, out.String())
		}
	}
	out.Reset()
	tel.Log.WithGroup("g").With("a", 1).InfoContext(ctx, "hello", "n", 2)
	if !strings.Contains(out.String(), `"request_id":"r-1","g":{"a":1,"n":2}}`) {
		t.Errorf("got %s", out.String())
	}
	out.Reset()
	tel.Log.InfoContext(t.Context(), "hello")
	if strings.Contains(out.String(), "request_id") {
		t.Errorf("got %s", out.String())
	}
}

func TestLogTraceIDs(t *testing.T) {
	t.Parallel()
	spanned, _ := setupSpans(t)
	ctx := spanned.OperationStart(t.Context(), "query", "Q")
	tel, out := start(t, telemetry.Options{Log: "json"})
	tel.Log.InfoContext(ctx, "hello")
	var line struct {
		TraceID string `json:"trace_id"`
		SpanID  string `json:"span_id"`
	}
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if len(line.TraceID) != 32 || len(line.SpanID) != 16 {
		t.Errorf("got %s", out.String())
	}
	if err := spanned.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestIsTerminal(t *testing.T) {
	t.Parallel()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	for name, out := range map[string]interface{ Write([]byte) (int, error) }{
		"buffer": &bytes.Buffer{}, "null device": null, "pipe": w,
	} {
		if telemetry.IsTerminal(out) {
			t.Errorf("a %s is no terminal", name)
		}
	}
}

func TestAuditLog(t *testing.T) {
	t.Parallel()
	var out, file bytes.Buffer
	tel, err := telemetry.New(t.Context(), telemetry.Options{Out: &out, Log: "text", Level: slog.LevelError})
	if err != nil {
		t.Fatal(err)
	}
	ctx := telemetry.WithRequestID(t.Context(), "r1")
	tel.AuditLog(nil).InfoContext(ctx, "denied")
	tel.AuditLog(&file).InfoContext(ctx, "denied")
	if !strings.Contains(out.String(), "level=INFO msg=denied audit=true request_id=r1") {
		t.Errorf("beside the log: %q", out.String())
	}
	if !strings.Contains(file.String(), `"msg":"denied","audit":true,"request_id":"r1"`) {
		t.Errorf("in a file: %q", file.String())
	}
}
