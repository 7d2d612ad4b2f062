package embedded

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
)

// TestKilledServerLeavesNoChild ends the server in the one way it cannot handle.
func TestKilledServerLeavesNoChild(t *testing.T) {
	t.Parallel()
	for name, lifelines := range map[string]bool{"parent-death signal": false, "lifeline": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(t)
			o.Shards = 2
			request := helperRequest{Dir: o.Dir, Shards: 2, Redis: true, Lifelines: lifelines}
			s := startServer(t, request)
			pids := s.PIDs
			for _, url := range s.Shards {
				execute(t, url, "CREATE TABLE mark (n int)")
				execute(t, url, "INSERT INTO mark VALUES (42)")
				pids = append(pids, query[int](t, url, "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'"))
			}
			s.kill(t)
			wantGone(t, pids, patience)

			began := time.Now()
			c := start(t, o)
			t.Logf("recovered in %v", time.Since(began).Round(time.Millisecond))
			for _, url := range c.PostgresURLs() {
				if got := query[int](t, url, "SELECT n FROM mark"); got != 42 {
					t.Errorf("got %d", got)
				}
			}
		})
	}
}

// TestKillEverything ends all processes of a kept cluster at once, right after a
// commit, and starts again at once.
func TestKillEverything(t *testing.T) {
	t.Parallel()
	o := options(t)
	s := startServer(t, helperRequest{Dir: o.Dir, Shards: 1})
	execute(t, s.Shards[0], "CREATE TABLE mark (n int)")
	backends := query[[]int32](t, s.Shards[0], "SELECT array_agg(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
	execute(t, s.Shards[0], "INSERT INTO mark SELECT generate_series(1, 1000)")
	if err := syscall.Kill(s.cmd.Process.Pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for _, pid := range append(backends, int32(s.PIDs[0])) {
		_ = syscall.Kill(int(pid), syscall.SIGKILL)
	}
	_ = s.wait()

	c := start(t, o)
	if got := query[int](t, c.PostgresURLs()[0], "SELECT count(*)::int FROM mark"); got != 1000 {
		t.Errorf("%d of 1000 committed rows are left", got)
	}
}

// TestInterruptReachesOnlyTheServer sends what a terminal sends on Ctrl-C.
func TestInterruptReachesOnlyTheServer(t *testing.T) {
	t.Parallel()
	o := options(t)
	s := startServer(t, helperRequest{Dir: o.Dir, Shards: 2, Redis: true})
	if err := syscall.Kill(-s.cmd.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	// The server asks its shards for an answer before it stops them.
	err := s.wait()
	if err != nil || !strings.HasPrefix(strings.TrimSpace(s.rest()), "drained\nstopped") { // behind it the log has what was slow
		t.Errorf("%v\n%s", err, s.rest())
	}
	wantGone(t, s.PIDs, 0)
}

func TestChildDies(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Shards, o.Redis = 2, true
	c := start(t, o)
	select {
	case <-c.Done():
		t.Fatal("Done before anything happened")
	default:
	}
	if c.Err() != nil {
		t.Fatal(c.Err())
	}
	if err := syscall.Kill(c.Processes()[1].PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	select {
	case <-c.Done():
	case <-time.After(patience):
		t.Fatal("nobody noticed")
	}
	wantText(t, c.Err(), "shard-1", "ended by itself", "killed", "ready to accept connections")
	if got := query[int](t, c.PostgresURLs()[0], "SELECT 1"); got != 1 {
		t.Error("its sibling died too")
	}
	stop(t, c)
	wantText(t, c.Err(), "shard-1")
	// The next start also removes the shared memory of the one that was killed.
	start(t, o)
}

// TestStopOfABusyCluster holds up a shutdown in every way a client can.
func TestStopOfABusyCluster(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Redis = true
	c := start(t, o)
	url := c.PostgresURLs()[0]
	execute(t, url, "CREATE TABLE mark (n int)")
	execute(t, url, "SELECT pg_create_logical_replication_slot('feed', 'pgoutput')")

	idle, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close(context.Background())
	if _, err := idle.Exec(t.Context(), "BEGIN; INSERT INTO mark VALUES (1)"); err != nil {
		t.Fatal(err)
	}
	busy := make(chan error, 1)
	go func() {
		connection, err := pgx.Connect(context.Background(), url)
		if err == nil {
			_, err = connection.Exec(context.Background(), "SELECT pg_sleep(3600)")
			connection.Close(context.Background())
		}
		busy <- err
	}()
	sleeping := func() bool {
		return query[int](t, url, "SELECT count(*)::int FROM pg_stat_activity WHERE wait_event = 'PgSleep'") == 1
	}
	if !waitUntil(t.Context(), patience, sleeping) {
		t.Fatal("no query is running")
	}
	// A process that hears nothing: only SIGKILL ends it.
	frozen := query[int](t, url, "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
	if err := syscall.Kill(frozen, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	pids := []int{frozen}
	for _, process := range c.Processes() {
		pids = append(pids, process.PID)
	}
	stop(t, c)
	wantGone(t, pids, patience) // the frozen one is somebody else's to bury
	if err := <-busy; err == nil {
		t.Error("the query ended well")
	}

	if got := query[int](t, start(t, o).PostgresURLs()[0], "SELECT count(*)::int FROM mark"); got != 0 {
		t.Errorf("%d rows of a transaction that never committed", got)
	}
}

func TestStopTwice(t *testing.T) {
	t.Parallel()
	c := start(t, Options{Redis: true, Ephemeral: true, places: testPlaces()})
	stop(t, c)
	stop(t, c)
	select {
	case <-c.Done():
	default:
		t.Error("Done is open after Stop")
	}
}

// TestStaleFiles starts over what a killed cluster left, where its process number
// now belongs to somebody else.
func TestStaleFiles(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Redis = true
	c := start(t, o)
	port := c.shards[0].port
	shard := c.shards[0].dataDir
	stop(t, c)
	// Process 1 is alive, and no postmaster.
	pidFile := "1\n" + shard + "\n1700000000\n" + strconv.Itoa(port) + "\n" + filepath.Join(o.Dir, "run") + "\n127.0.0.1\n  1  1\nready   \n"
	for path, text := range map[string]string{
		filepath.Join(shard, "postmaster.pid"):                                pidFile,
		filepath.Join(o.Dir, "run", ".s.PGSQL."+strconv.Itoa(port)):           "",
		filepath.Join(o.Dir, "run", ".s.PGSQL."+strconv.Itoa(port)+".lock"):   pidFile,
		filepath.Join(o.Dir, "run", "redis.sock"):                             "",
		filepath.Join(o.Dir, "shard-7.new", "half a copy that was cut short"): "",
	} {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := c.identity.own(path); err != nil {
			t.Fatal(err)
		}
	}
	again := start(t, o)
	if got := query[int](t, again.PostgresURLs()[0], "SELECT 1"); got != 1 {
		t.Errorf("got %d", got)
	}
}

// TestOrphanIsEnded starts over a postmaster that outlived its server.
func TestOrphanIsEnded(t *testing.T) {
	t.Parallel()
	o := options(t)
	c := start(t, o)
	shard, bin := c.shards[0].dataDir, c.shards[0].bin
	stop(t, c)

	// Without a parent-death signal and without our lock.
	orphan := newSpawner(c.identity, false)
	defer orphan.close()
	log, err := newLogFile(filepath.Join(o.Dir, "orphan.log"))
	if err != nil {
		t.Fatal(err)
	}
	i := &instance{name: "orphan", bin: bin, dataDir: shard, password: c.state.Password, log: log, logger: c.log, pickPort: freePort}
	if err := i.start(t.Context(), orphan); err != nil {
		t.Fatal(err)
	}
	again := start(t, o)
	if !i.child.hasEnded() {
		t.Error("the orphan is still there")
	}
	if got := query[int](t, again.PostgresURLs()[0], "SELECT 1"); got != 1 {
		t.Errorf("got %d", got)
	}
}

// TestSweep removes what a killed ephemeral cluster left.
func TestSweep(t *testing.T) {
	t.Parallel()
	s := startServer(t, helperRequest{Shards: 1, Ephemeral: true})
	s.kill(t)
	wantGone(t, s.PIDs, patience)
	if _, err := os.Stat(s.Dir); err != nil {
		t.Fatalf("nothing is left to sweep: %v", err)
	}
	stop(t, start(t, Options{Redis: true, Ephemeral: true, places: testPlaces()}))
	if _, err := os.Stat(s.Dir); err != nil {
		t.Errorf("what is young may belong to a process that is about to lock it: %v", err)
	}
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(filepath.Join(s.Dir, lockName), old, old); err != nil {
		t.Fatal(err)
	}
	stop(t, start(t, Options{Redis: true, Ephemeral: true, places: testPlaces()}))
	if _, err := os.Stat(s.Dir); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", s.Dir, err)
	}
}

// TestRedis runs the same on the child process and on its stand-in.
func TestRedis(t *testing.T) {
	t.Parallel()
	without := testPlaces()
	without.path, without.redisDirs = nil, nil
	for name, p := range map[string]*places{"child process": testPlaces(), "inside this process": without} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := start(t, Options{Redis: true, Ephemeral: true, places: p})
			if len(c.PostgresURLs()) != 0 {
				t.Error("shards nobody asked for")
			}
			address, err := redis.ParseURL(c.RedisURL())
			if err != nil {
				t.Fatal(err)
			}
			client := redis.NewClient(address)
			defer client.Close()
			if err := client.Set(t.Context(), "key", "value", 200*time.Millisecond).Err(); err != nil {
				t.Fatal(err)
			}
			if got, err := client.Get(t.Context(), "key").Result(); got != "value" {
				t.Errorf("%q, %v", got, err)
			}
			expired := func() bool { return client.Exists(t.Context(), "key").Val() == 0 }
			if !waitUntil(t.Context(), patience, expired) {
				t.Error("a key outlives its TTL")
			}
			if got, err := client.Eval(t.Context(), "return 1 + 1", nil).Int(); got != 2 {
				t.Errorf("%d, %v", got, err)
			}
			address.Password = ""
			stranger := redis.NewClient(address)
			defer stranger.Close()
			if err := stranger.Ping(t.Context()).Err(); err == nil || !strings.Contains(err.Error(), "NOAUTH") {
				t.Errorf("no password: %v", err)
			}
		})
	}
}
