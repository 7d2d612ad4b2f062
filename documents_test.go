package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A server with a manifest runs its documents, and with an invalid one it does not start.
func TestDocuments(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "manifest.json")
	write := func(content string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	args := settings(t, "--documents="+file, "--documents-mode=only")

	write(`{"wrong":"{ artists(first: 1) { nodes { nothing } } }"}`)
	c, err := parse(args, nil, "test", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	err = run(t.Context(), c, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), `document wrong: Cannot query field "nothing" on type "Artist"`) {
		t.Errorf("got %v", err)
	}

	write(`{"one":"{ genres(first: 1) { nodes { name } } }"}`)
	r := start(t, args)
	ask := func(body, want string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url+"/graphql", bytes.NewBufferString(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		if _, got := do(t, req); !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %s", body, got)
		}
	}
	ask(`{"documentId":"one"}`, `{"data":{"genres":{"nodes":[{"name":`)
	ask(`{"query":"{ genres(first: 1) { nodes { id } } }"}`, `{"errors":[{"message":"the document is not one of those that may run here"`)
}
