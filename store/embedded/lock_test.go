package embedded

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

func TestSecondServerOnTheSameDirectory(t *testing.T) {
	t.Parallel()
	o := options(t)
	s := startServer(t, helperRequest{Dir: o.Dir, Shards: 1})
	execute(t, s.Shards[0], "CREATE TABLE kept ()")
	for _, o.Reset = range []bool{false, true} {
		err := startError(t, o)
		var held *HeldError
		if !errors.As(err, &held) || held.PID != s.cmd.Process.Pid || held.Dir != o.Dir {
			t.Errorf("%#v", err)
		}
		wantText(t, err, o.Dir, strconv.Itoa(s.cmd.Process.Pid), filepath.Base(os.Args[0]))
	}
	if got := query[int](t, s.Shards[0], "SELECT count(*)::int FROM kept"); got != 0 {
		t.Errorf("got %d", got)
	}
}

func TestLockOfADeadProcess(t *testing.T) {
	t.Parallel()
	o := options(t)
	s := startServer(t, helperRequest{Dir: o.Dir, Shards: 1})
	s.kill(t)
	text, err := os.ReadFile(filepath.Join(o.Dir, lockName))
	if err != nil || len(text) == 0 {
		t.Fatalf("%q, %v", text, err)
	}
	start(t, o)
}

func TestAnotherShardCount(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Shards = 2
	stop(t, start(t, o))
	o.Shards = 4
	err := startError(t, o)
	var count *ShardCountError
	if !errors.As(err, &count) || count.OnDisk != 2 || count.Wanted != 4 {
		t.Errorf("%#v", err)
	}
	wantText(t, err, o.Dir, "2 shards", "4 were asked for", "--reset")

	// Redis alone, as where Postgres is given from outside, is no other count.
	o.Shards, o.Redis = 0, true
	stop(t, start(t, o))
	o.Shards = 2
	stop(t, start(t, o))
	o.Shards, o.Reset = 4, true
	if got := len(start(t, o).PostgresURLs()); got != 4 {
		t.Errorf("%d shards after a reset", got)
	}
}

func TestDamagedState(t *testing.T) {
	t.Parallel()
	o := options(t)
	stop(t, start(t, o))
	path := filepath.Join(o.Dir, stateName)
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	wantText(t, startError(t, o), path, "--reset")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	wantText(t, startError(t, o), o.Dir, stateName, "--reset")
	o.Reset = true
	start(t, o)
}
