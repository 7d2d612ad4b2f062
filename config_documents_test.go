package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// With a manifest everything about it can be set, by flags and by variables.
func TestDocumentsSettings(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "manifest.json")
	if err := os.WriteFile(file, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	want := Documents{File: file, Mode: "only", AllowInvalid: true, ExceedLimits: true, Automatic: true}
	for how, c := range map[string]struct{ args, environ []string }{
		"flags": {[]string{
			"--documents=" + file, "--documents-mode=only", "--documents-allow-invalid", "--documents-exceed-limits",
		}, nil},
		"variables": {nil, []string{
			"BACKLINE_DOCUMENTS=" + file, "BACKLINE_DOCUMENTS_MODE=only", "BACKLINE_DOCUMENTS_ALLOW_INVALID=true",
			"BACKLINE_DOCUMENTS_EXCEED_LIMITS=true",
		}},
	} {
		got, err := parse(c.args, c.environ, "1", &bytes.Buffer{})
		if err != nil || got.Documents != want {
			t.Errorf("%s: got %+v, %v", how, got.Documents, err)
		}
	}
}
