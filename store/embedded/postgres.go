package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	superuser = "postgres"
	database  = "postgres"
	// portAttempts is how often a server is started anew because its port was
	// taken between looking and listening.
	portAttempts = 8
	// answersWithin bounds the first answer of a server that says it is ready.
	answersWithin = 30 * time.Second
)

// settings hold for every shard.
var settings = []string{
	"wal_level=logical",                 // the change feed decodes it
	"max_slot_wal_keep_size=512MB",      // a feed that is no longer read must not fill the disk
	"max_prepared_transactions=20",      // two-phase commit
	"max_logical_replication_workers=0", // shards publish and never subscribe
	"max_connections=100",
	"max_wal_size=256MB",
	"jit=off", // compiling costs more than these statements
	"huge_pages=off",
	"timezone=UTC",
	"log_timezone=UTC",
	"log_line_prefix=%m [%p] %d ",
	"log_checkpoints=off",
	"logging_collector=off",
	"log_destination=stderr",
	"unix_socket_permissions=0700",
}

var keptSettings = []string{"shared_buffers=64MB", "fsync=on", "synchronous_commit=on"}

// ephemeralSettings trade every guarantee for speed, and determinism (no
// autovacuum that analyses in the middle of a test) for upkeep.
var ephemeralSettings = []string{
	"max_connections=500", // many tests share one server
	"shared_buffers=16MB", "fsync=off", "synchronous_commit=off", "full_page_writes=off",
	"wal_init_zero=off", "wal_recycle=off", "autovacuum=off", "checkpoint_timeout=1h",
	"max_wal_size=64MB", "min_wal_size=32MB", // a database that is made is WAL of its size, and many are made
	"dynamic_shared_memory_type=mmap", // in the data directory, which goes also when the server is killed
}

// instance is one Postgres server.
type instance struct {
	name      string
	bin       string
	dataDir   string
	socketDir string // "" = TCP only
	password  string
	ephemeral bool
	settings  []string // the last word
	log       *logFile
	logger    *slog.Logger
	pickPort  func(preferred int) (int, error)

	port  int
	child *child
}

// start runs the server and waits until it answers.
func (i *instance) start(ctx context.Context, s *spawner) error {
	if err := recoverShard(ctx, i.dataDir); err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		port, err := i.pickPort(i.port)
		if err != nil {
			return fmt.Errorf("pick port of %s: %w", i.name, err)
		}
		i.port = port
		err = i.attempt(ctx, s)
		if err == nil || attempt == portAttempts || ctx.Err() != nil || !i.portWasTaken() {
			return err
		}
		i.port = 0
	}
}

func (i *instance) attempt(ctx context.Context, s *spawner) error {
	arguments := []string{"-D", i.dataDir}
	set := func(values ...string) {
		for _, value := range values {
			arguments = append(arguments, "-c", value)
		}
	}
	set(settings...)
	if i.ephemeral {
		set(ephemeralSettings...)
	} else {
		set(keptSettings...)
	}
	set(i.settings...)
	set("cluster_name=backline-"+i.name, "port="+strconv.Itoa(i.port), "listen_addresses="+loopback,
		"unix_socket_directories="+quoteDirectory(i.socketDir))
	child, err := s.spawn(i.name, exec.Command(filepath.Join(i.bin, "postgres"), arguments...), i.log, syscall.SIGQUIT)
	if err != nil {
		return err
	}
	i.child = child
	if err = child.until(ctx, i.isReady); err == nil {
		err = i.ping(ctx)
	}
	if err != nil {
		// Nothing that happened in a start is worth a checkpoint.
		return errors.Join(err, i.stop(ctx, true))
	}
	return nil
}

// isReady reads what Postgres says of itself in postmaster.pid, as pg_ctl does:
// a connection would cost a process each time.
func (i *instance) isReady() bool {
	text, err := os.ReadFile(filepath.Join(i.dataDir, "postmaster.pid"))
	if err != nil {
		return false
	}
	lines := strings.Split(string(text), "\n")
	return len(lines) > 7 && lines[0] == strconv.Itoa(i.child.pid()) && strings.TrimSpace(lines[7]) == "ready"
}

func (i *instance) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, answersWithin)
	defer cancel()
	connection, err := pgx.Connect(ctx, i.url())
	if err != nil {
		return fmt.Errorf("connect to %s: %w%s", i.name, err, i.log.tail())
	}
	return connection.Close(ctx)
}

func (i *instance) portWasTaken() bool {
	text := i.log.text()
	return strings.Contains(text, "could not bind") || strings.Contains(text, "could not create any TCP/IP sockets")
}

// stop ends the server within five seconds. A fast shutdown ends sessions and
// writes a checkpoint; an immediate one leaves recovery to the next start. What
// remains of a killed server is ended as well.
func (i *instance) stop(ctx context.Context, immediately bool) error {
	if i.child == nil {
		return nil
	}
	steps := []step{{syscall.SIGINT, 2500 * time.Millisecond}, {syscall.SIGQUIT, time.Second}, {syscall.SIGKILL, 300 * time.Millisecond}}
	if immediately {
		steps = steps[1:]
	}
	pid := i.child.pid()
	taken, err := i.child.end(ctx, steps...)
	if err != nil {
		return err
	}
	if taken > 1 {
		i.logger.Warn("embedded server did not end in time and was killed; it recovers at the next start", "server", i.name)
	}
	return endOrphans(context.WithoutCancel(ctx), i.dataDir, pid, []step{{syscall.SIGKILL, 500 * time.Millisecond}})
}

// url prefers the socket: 10 to 15 % less latency, and nothing to guess for
// other users.
func (i *instance) url() string {
	if i.socketDir == "" || strings.Contains(i.socketDir, ",") {
		return i.tcpURL()
	}
	query := url.Values{"host": {i.socketDir}, "port": {strconv.Itoa(i.port)}, "sslmode": {"disable"}}.Encode()
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(superuser, i.password), Path: "/" + database,
		// As libpq, pgx takes a plus sign for itself.
		RawQuery: strings.ReplaceAll(query, "+", "%20"),
	}
	return u.String()
}

func (i *instance) tcpURL() string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(superuser, i.password), Path: "/" + database,
		Host:     net.JoinHostPort(loopback, strconv.Itoa(i.port)),
		RawQuery: "sslmode=disable",
	}
	return u.String()
}

// quoteDirectory writes a path for unix_socket_directories, a list with commas.
func quoteDirectory(dir string) string {
	if dir == "" {
		return ""
	}
	return `"` + strings.ReplaceAll(dir, `"`, `""`) + `"`
}

// fitsSocket reports whether the longest socket name in dir fits the address of
// a Unix socket, which holds 108 bytes on Linux and 104 elsewhere, with the zero
// that ends it.
func fitsSocket(dir string) bool {
	limit := 103
	if runtime.GOOS == "linux" {
		limit = 107
	}
	return len(dir)+len("/.s.PGSQL.65535") <= limit
}
