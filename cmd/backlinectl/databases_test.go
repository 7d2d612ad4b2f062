package main

import (
	"encoding/json"
	"strings"
	"testing"

	"backline/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// TestOperate does what an operator does with new databases, in that order.
func TestOperate(t *testing.T) {
	t.Parallel()
	c := storetest.NewCluster(t, 2, storetest.WithMigrations(nil))
	urls := "--postgres-urls=" + strings.Join(c.URLs, ",")
	expect := func(status int, out, err string, args ...string) outcome {
		t.Helper()
		got := call(t, append(args, urls)...)
		if got.status != status || !strings.Contains(got.out, out) || !strings.Contains(got.err, err) {
			t.Errorf("%q: got %d %q %q", args, got.status, got.out, got.err)
		}
		return got
	}
	expect(exitProblem, "", "table", "seed", "--scale=0.01")
	expect(exitProblem, "shard 1  at 0000  0001_", "", "migrate", "--dry-run")
	expect(exitGood, "0001_", "shard 1: 0001_", "migrate")
	expect(exitGood, "nothing to apply", "", "migrate")
	expect(exitGood, "nothing waits", "", "migrate", "--dry-run")
	expect(exitProblem, "", "does not exist", "import", "none.sql")
	expect(exitProblem, "", "scale", "seed", "--scale=-1")
	expect(exitGood, "genre            25\n", "", "seed", "--scale=0.01")
	expect(exitProblem, "", "not empty", "seed", "--scale=0.01")

	got := expect(exitGood, `"shard": "0"`, "", "shards", "--json")
	var rows []shardRow
	if err := json.Unmarshal([]byte(got.out), &rows); err != nil || len(rows) != 2 {
		t.Fatalf("got %s", got.out)
	}
	if r := rows[1]; r.Shard != "1" || r.Buckets != 512 || r.Migration < 1 || r.Pending != 0 || r.Bytes == 0 || strings.Contains(r.Database, "@") {
		t.Errorf("got %+v", r)
	}
	expect(exitGood, "SHARD  BUCKETS  DATABASE", "", "shards")
}

func TestNoDatabases(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"migrate", "seed", "shards"} {
		if got := call(t, command, "--postgres-urls="); got.status != exitProblem || !strings.Contains(got.err, "names no database") {
			t.Errorf("%s: got %+v", command, got)
		}
		if got := call(t, command, "--postgres-urls=postgres://user:s3cret@127.0.0.1:1/x"); got.status != exitProblem || strings.Contains(got.err, "s3cret") {
			t.Errorf("%s: got %+v", command, got)
		}
	}
}
