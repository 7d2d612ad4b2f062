package fleet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"backline/store/embedded"
)

// Options say what to start.
type Options struct {
	Shards, Servers int
	// Flags are given to all servers, beside those that name the databases.
	Flags []string
	// Binary is that of the server; "" means that it is built, with Edits.
	Binary string
	Edits  []Edit
	// Env is added to the servers' environment, "NAME=value" each. Settings are Flags.
	Env []string
	// DataDir keeps the shards for the next run; "" means that nothing is kept, or synced to disk.
	DataDir string
	// RedisArgs are appended to the command line of Redis.
	RedisArgs []string
	// Idle leaves the servers to be started one by one.
	Idle bool
	// Progress is told what takes long; nil means nobody is.
	Progress func(message string)
}

// Fleet is what Open started.
type Fleet struct {
	Shards  *embedded.Cluster
	Redis   *Redis
	Servers []*Server
	// Dir is a folder for this run, removed with it. The servers keep the key there that signs tokens
	// for development.
	Dir string

	starter *starter
}

// Open starts everything and waits until it is ready. ctx bounds the start only. After an error nothing
// is left running.
func Open(ctx context.Context, o Options) (_ *Fleet, err error) {
	f := &Fleet{starter: newStarter()}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close())
		}
	}()
	if f.Dir, err = os.MkdirTemp("", "backline-fleet-"); err != nil {
		return nil, err
	}
	if o.Binary == "" {
		if o.Binary, err = Build(ctx, f.Dir, o.Edits...); err != nil {
			return nil, err
		}
	}
	shards := embedded.Options{Dir: o.DataDir, Shards: o.Shards, Ephemeral: o.DataDir == "", Progress: o.Progress}
	if shards.Ephemeral {
		// What is not synced is not held back either: without this a commit is decoded up to 0.6 s
		// after others see it.
		shards.Settings = []string{"synchronous_commit=on", "shared_buffers=64MB"}
	}
	if f.Shards, err = embedded.Start(ctx, shards); err != nil {
		return nil, err
	}
	if f.Redis, err = startRedis(ctx, f.starter, f.Dir, o.RedisArgs); err != nil {
		return nil, err
	}
	for i := range o.Servers {
		s := &Server{Name: fmt.Sprintf("server %d", i), starter: f.starter, binary: o.Binary, env: o.Env, log: newLog()}
		s.args = append([]string{
			"--addr=127.0.0.1:0", "--admin-addr=127.0.0.1:0", "--log=json", "--audit-log=off",
			"--data-dir=" + filepath.Join(f.Dir, "data"),
			"--postgres-urls=" + strings.Join(f.Shards.PostgresURLs(), ","), "--redis-url=" + f.Redis.URL(),
		}, o.Flags...)
		f.Servers = append(f.Servers, s)
		if o.Idle {
			continue
		}
		if err := s.Start(ctx); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// DataDir is where the servers keep the key that signs tokens for development.
func (f *Fleet) DataDir() string { return filepath.Join(f.Dir, "data") }

// Close ends everything.
func (f *Fleet) Close() error {
	var errs []error
	for _, s := range f.Servers {
		if s.process != nil {
			errs = append(errs, s.Stop())
		}
	}
	if f.Redis != nil && f.Redis.process != nil {
		f.Redis.Kill()
	}
	if f.Shards != nil {
		errs = append(errs, f.Shards.Stop(context.Background()))
	}
	f.starter.close()
	if f.Dir != "" {
		errs = append(errs, os.RemoveAll(f.Dir))
	}
	return errors.Join(errs...)
}
