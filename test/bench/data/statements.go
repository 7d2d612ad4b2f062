package data

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

// executed matches what Postgres logs of a statement: one line for each, whatever the protocol.
var executed = regexp.MustCompile(`LOG:  (?:execute [^:]*|statement): (.*)`)

// ours are statements that no request asked for: the switch itself, and pings of idle connections.
var ours = regexp.MustCompile(`^(ALTER SYSTEM|SELECT pg_reload_conf|SHOW log_statement|-- ping|;|SELECT 1$)`)

// Statements makes Postgres log every statement while f runs and returns the texts, of all shards.
// It tells the servers' own view apart from the truth: what arrived is what counts.
func (c *Cluster) Statements(ctx context.Context, f func() error) (_ []string, err error) {
	if err := c.logStatements(ctx, "all"); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.logStatements(ctx, "none")) }()
	from := make([]int64, c.Shards)
	for i := range from {
		info, err := os.Stat(c.log(i))
		if err != nil {
			return nil, err
		}
		from[i] = info.Size()
	}
	if err := f(); err != nil {
		return nil, err
	}
	var all []string
	for i := range from {
		texts, err := read(c.log(i), from[i])
		if err != nil {
			return nil, err
		}
		all = append(all, texts...)
	}
	return all, nil
}

func (c *Cluster) log(i int) string {
	return filepath.Join(c.Dir, "log", "shard-"+strconv.Itoa(i)+".log")
}

// logStatements changes the setting on all shards and waits until they use it.
func (c *Cluster) logStatements(ctx context.Context, value string) error {
	for _, url := range c.URLs {
		conn, err := pgx.Connect(ctx, url)
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		for _, sql := range []string{"ALTER SYSTEM SET log_statement = '" + value + "'", "SELECT pg_reload_conf()"} {
			if _, err := conn.Exec(ctx, sql); err != nil {
				return fmt.Errorf("log statements: %w", err)
			}
		}
		for now := ""; now != value; {
			if err := conn.QueryRow(ctx, "SHOW log_statement").Scan(&now); err != nil {
				return fmt.Errorf("log statements: %w", err)
			}
		}
	}
	// The other sessions heard of it at the same moment, from the same signal.
	time.Sleep(20 * time.Millisecond)
	return nil
}

func read(path string, from int64) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if _, err := f.Seek(from, io.SeekStart); err != nil {
		return nil, err
	}
	var texts []string
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if m := executed.FindStringSubmatch(lines.Text()); m != nil && !ours.MatchString(m[1]) {
			texts = append(texts, m[1])
		}
	}
	return texts, lines.Err()
}
