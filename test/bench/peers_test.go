package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"backline/test/bench/query"
	"backline/test/bench/report"
)

func TestPeersOfNodeAreMissingWithoutNode(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	b := &bench{home: "."}
	for range 2 {
		if err := b.npmInstall(t.Context()); !errors.Is(err, errMissing) || !strings.Contains(err.Error(), "no node") {
			t.Fatalf("error %v, want that node is missing", err)
		}
	}
}

func TestPeersOfNodeAreInstalledOnceOrMissing(t *testing.T) {
	programs, dir := t.TempDir(), t.TempDir()
	t.Setenv("PATH", programs+":/usr/bin:/bin")
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(dir, "package-lock.json"), "{}")
	write(filepath.Join(programs, "node"), "#!/bin/sh\n")
	write(filepath.Join(programs, "npm"), "#!/bin/sh\necho the registry is away; exit 1\n")
	calls := 0
	install := func() error { return npmInstall(t.Context(), dir, func() { calls++ }) }
	if err := install(); !errors.Is(err, errMissing) || !strings.Contains(err.Error(), "the registry is away") {
		t.Fatalf("error %v, want what npm said", err)
	}
	write(filepath.Join(programs, "npm"), "#!/bin/sh\nmkdir node_modules\n")
	for range 2 {
		if err := install(); err != nil {
			t.Fatal(err)
		}
	}
	if calls != 2 {
		t.Errorf("npm was called %d times, want 2: a failure and a success", calls)
	}
	write(filepath.Join(dir, "package-lock.json"), `{"changed":true}`)
	if err := install(); err == nil || calls != 3 {
		t.Errorf("after a change: error %v after %d calls, want npm's complaint that the folder exists", err, calls)
	}
}

func TestVersionsOfAllPeersArePinned(t *testing.T) {
	t.Parallel()
	lock, err := os.ReadFile("node/package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	peers := 0
	for _, s := range servers {
		if len(s.packages) == 0 {
			continue
		}
		peers++
		versions, err := packageVersions(lock, s.packages)
		if err != nil {
			t.Errorf("%s: %v", s.name, err)
		}
		if n := strings.Count(versions, ", ") + 1; n != len(s.packages) {
			t.Errorf("%s: versions %q of %v", s.name, versions, s.packages)
		}
	}
	if peers != 4 {
		t.Errorf("%d peers of Node, want 4", peers)
	}
	if _, err := packageVersions(lock, []string{"no-such-package"}); err == nil {
		t.Error("no error for a package that is not pinned")
	}
}

func TestModuleName(t *testing.T) {
	t.Parallel()
	for module, want := range map[string]string{
		"github.com/graph-gophers/dataloader/v7": "dataloader", "github.com/99designs/gqlgen": "gqlgen", "github.com/jackc/pgx/v5": "pgx",
	} {
		if got := moduleName(module); got != want {
			t.Errorf("%s is called %s, want %s", module, got, want)
		}
	}
}

func TestQuickRunsMeasureTheFigures(t *testing.T) {
	t.Parallel()
	quick := &bench{options: options{quick: true, conns: []int{1, 16, 64}}}
	full := &bench{options: options{conns: []int{1, 16, 64}}}
	for _, c := range []struct {
		server      string
		q           query.Query
		conns       int
		quick, full bool
	}{
		{us, query.All[0], 64, true, true},
		{report.Limit, query.All[0], 1, true, true},
		{"yoga", query.All[0], 16, true, true},
		{"yoga", query.All[0], 1, false, true},
		{us, query.Twice, 16, true, true},
		{us, query.Twice, 64, false, false},
	} {
		r := &running{server: &server{name: c.server}}
		if got := quick.measures(r, c.q, c.conns); got != c.quick {
			t.Errorf("a quick run measures %s %s at %d: %v", c.server, c.q.ID, c.conns, got)
		}
		if got := full.measures(r, c.q, c.conns); got != c.full {
			t.Errorf("a run measures %s %s at %d: %v", c.server, c.q.ID, c.conns, got)
		}
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	o, err := parse([]string{"--quick", "--servers", "limit,gqlgen", "--queries", "Q2,Q1", "--conns", "4"})
	if err != nil {
		t.Fatal(err)
	}
	if !o.quick || o.rounds != 3 || strings.Join(o.queries, " ") != "Q1 Q2" || o.conns[0] != 4 {
		t.Errorf("options %+v", o)
	}
	if !o.chosen("gqlgen") || o.chosen("yoga") || o.chosen(baseline) {
		t.Error("other servers than those that were named")
	}
	for _, wrong := range [][]string{{"--servers", "nobody"}, {"--conns", "0"}, {"--queries", "Q9"}, {"--rounds", "0"}, {"more"}} {
		if _, err := parse(wrong); err == nil {
			t.Errorf("no error for %v", wrong)
		}
	}
}
