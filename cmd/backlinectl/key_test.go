package main

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"backline/gateway/identity"
)

func TestKeyNew(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "keys.jsonl")
	one := call(t, "key", "new", "--name", "reports", "--scopes", "staff,admin", "--plan", "gold", "--file", file)
	two := call(t, "key", "new", "--name", "other", "--expires", "never", "--file", file)
	if one.status != exitGood || two.status != exitGood || one.out == two.out {
		t.Fatalf("%+v %+v", one, two)
	}
	printed := call(t, "key", "new", "--name", "printed", "--expires", "12h")
	text, line, ok := strings.Cut(printed.out, "\n")
	if !ok || !strings.HasPrefix(text, "blk_") || !strings.HasPrefix(line, `{"name":"printed","hash":"sha256:`) {
		t.Fatalf("%+v", printed)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if err := os.WriteFile(file, append(content, line...), 0o600); err != nil {
		t.Fatal(err)
	}
	server, err := identity.New(identity.Config{KeyFile: file})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	for key, want := range map[string]string{one.out: "reports admin staff gold", two.out: "other ", text: "printed "} {
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/graphql", nil)
		r.Header.Set("X-API-Key", strings.TrimSpace(key))
		v, err := server.Authenticate(r)
		if err != nil || strings.Join(append([]string{v.Subject}, append(v.Scopes, v.Plan)...), " ") != want {
			t.Errorf("%+v, %v; want %s", v, err, want)
		}
	}
	if again := call(t, "key", "new", "--name", "other", "--file", file); again.status != exitProblem || !strings.Contains(again.err, "already") {
		t.Errorf("%+v", again)
	}
	if after, err := os.ReadFile(file); err != nil || strings.Count(string(after), "other") != 1 {
		t.Errorf("it was added: %s, %v", after, err)
	}
	for args, want := range map[string]string{
		"":                            "--name",
		"--name a --expires soon":     "--expires",
		"--name a --expires=-1h":      "to come",
		"--name a --expires 2020-1-1": "--expires",
		"--name a --scopes a%20b,\"":  "scopes",
	} {
		got := call(t, append([]string{"key", "new"}, strings.Fields(args)...)...)
		if got.status == exitGood || got.out != "" || !strings.Contains(got.err, want) {
			t.Errorf("%q: %+v, want %q", args, got, want)
		}
	}
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"never": {}, "1d": now.AddDate(0, 0, 1), "90m": now.Add(90 * time.Minute), "2027-01-31": time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC),
		"2027-01-31T12:00:00+01:00": time.Date(2027, 1, 31, 11, 0, 0, 0, time.UTC),
	} {
		if got, err := expiry(text, now); err != nil || !got.Equal(want) {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "d", "1", "2026-11-23", "0d", "-1d", "99999999999d", "0s"} {
		if got, err := expiry(text, now); err == nil {
			t.Errorf("%s: %v", text, got)
		}
	}
}
