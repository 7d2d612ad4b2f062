package embedded

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// nobody is the ordinary user that root's tests become.
const nobody = 65534

func needRoot(t *testing.T) *syscall.Credential {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can become another user")
	}
	return &syscall.Credential{Uid: nobody, Gid: nobody}
}

// openBinary is a copy of this test binary that every user may run.
func openBinary(t *testing.T) string {
	t.Helper()
	source, err := os.Open(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	path := filepath.Join(tempDir(t), "embedded.test")
	target, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	if _, err := io.Copy(target, source); err != nil {
		t.Fatal(err)
	}
	return path
}

// asOrdinaryUser are the tests that differ most for a user who is not root.
const asOrdinaryUser = "TestStart|TestKilled|TestInterruptReaches|TestSecondServer|TestReset|TestStrangers|TestEphemeralLeaves|TestRedis"

// TestAsOrdinaryUser runs these tests once more, as nobody.
func TestAsOrdinaryUser(t *testing.T) { //nolint:paralleltest // all tests of the package at once, again
	user := needRoot(t)
	home := tempDir(t)
	if err := os.Chown(home, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(openBinary(t), "-test.run="+asOrdinaryUser, "-test.timeout=5m", "-test.v")
	cmd.Dir = home
	cmd.Env = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: user, Setpgid: true}
	output, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(output), "--- PASS: TestStartFourShardsAndStartAgain") {
		t.Fatalf("%v\n%s", err, output)
	}
}

func TestChildrenOfRootAreNot(t *testing.T) {
	t.Parallel()
	needRoot(t)
	o := options(t)
	o.Redis = true
	for _, process := range start(t, o).Processes() {
		info, err := os.Stat("/proc/" + strconv.Itoa(process.PID))
		if err != nil {
			t.Fatal(err)
		}
		if uid, _ := ownerOf(info); uid == 0 {
			t.Errorf("%s runs as root", process.Name)
		}
	}
}

// TestClosedDirectory keeps a data directory below one that only root may enter.
func TestClosedDirectory(t *testing.T) {
	t.Parallel()
	needRoot(t)
	closed := filepath.Join(tempDir(t), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	var told []string
	o := Options{
		Dir: filepath.Join(closed, "data"), Shards: 1, Redis: true, places: testPlaces(),
		Progress: func(message string) { told = append(told, message) },
	}
	wantText(t, startError(t, o), "may not enter "+closed, "/var/lib/backline")

	home := filepath.Join(tempDir(t), "lib")
	o.places.homes = []string{home}
	c := start(t, o)
	if !strings.Contains(strings.Join(told, "\n"), "Keeping the shards in "+home) {
		t.Errorf("told %q", told)
	}
	execute(t, c.PostgresURLs()[0], "CREATE TABLE kept ()")
	stop(t, c)
	c = start(t, o)
	if got := query[int](t, c.PostgresURLs()[0], "SELECT count(*)::int FROM kept"); got != 0 {
		t.Errorf("got %d", got)
	}
	stop(t, c)

	// Who removes the directory means the data.
	if err := os.RemoveAll(o.Dir); err != nil {
		t.Fatal(err)
	}
	c = start(t, o)
	if query[bool](t, c.PostgresURLs()[0], "SELECT to_regclass('kept') IS NOT NULL") {
		t.Error("data outlived its directory")
	}
	execute(t, c.PostgresURLs()[0], "CREATE TABLE kept ()")
	stop(t, c)
	o.Reset = true
	c = start(t, o)
	if query[bool](t, c.PostgresURLs()[0], "SELECT to_regclass('kept') IS NOT NULL") {
		t.Error("data outlived a reset")
	}
	shards := c.home

	// A directory that was temporary takes its shards along, at the next start.
	other := o
	other.Dir = filepath.Join(closed, "another")
	other.Shards = 0
	if err := os.RemoveAll(o.Dir); err != nil {
		t.Fatal(err)
	}
	stop(t, start(t, other))
	if _, err := os.Stat(shards); err != nil {
		t.Errorf("shards in use were swept: %v", err)
	}
	stop(t, c)
	stop(t, start(t, other))
	if _, err := os.Stat(shards); !os.IsNotExist(err) {
		t.Errorf("shards of a removed temporary directory are still there: %v", err)
	}
}

// TestDirectoryOfAnotherUser starts as root what nobody began, and the reverse.
func TestDirectoryOfAnotherUser(t *testing.T) {
	t.Parallel()
	user := needRoot(t)
	binary := openBinary(t)
	o := options(t)
	if err := os.Mkdir(o.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(o.Dir, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	request := helperRequest{Dir: o.Dir, Shards: 1, Redis: true}
	asNobody := func() {
		t.Helper()
		s, err := tryServer(t, request, binary, user)
		if err != nil {
			t.Fatal(err)
		}
		s.kill(t)
		wantGone(t, s.PIDs, patience)
	}
	asNobody()
	c := start(t, o)
	if info, err := os.Stat(filepath.Join(o.Dir, "shard-0")); err != nil || c.identity.uid != nobody {
		t.Errorf("%v, %v, runs as %s", info, err, c.identity.name)
	}
	execute(t, c.PostgresURLs()[0], "CREATE TABLE kept ()")
	stop(t, c)
	asNobody()

	roots := options(t)
	stop(t, start(t, roots))
	_, err := tryServer(t, helperRequest{Dir: roots.Dir, Shards: 1}, binary, user)
	if err == nil {
		t.Fatal("nobody started what is root's")
	}
	wantText(t, err, roots.Dir, "another user")
}
