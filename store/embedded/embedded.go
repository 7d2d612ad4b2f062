package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Options say what to start. The zero value of a field means what its comment
// says; Shards or Redis must be set.
type Options struct {
	// Dir keeps the state between runs and is made if need be. It may be "" for an
	// ephemeral cluster, which then uses a temporary directory.
	Dir string
	// Shards is the number of Postgres servers; 0 starts none, and leaves data
	// that Dir may hold alone.
	Shards int
	// Redis asks for a Redis as well.
	Redis bool
	// PostgresBin is the directory that holds postgres and initdb; "" searches
	// PATH and the usual places, and else downloads.
	PostgresBin string
	// Reset removes the data of previous runs first.
	Reset bool
	// Ephemeral is for tests: nothing is synced to disk, caches are small, and
	// everything is removed by Stop, or by a later start if the process was killed.
	Ephemeral bool
	// Settings of Postgres, name=value, that hold in place of Backline's own; for tests of what other
	// settings do.
	Settings []string
	// Log hears of oddities that are no error of a call; nil means nobody does.
	Log *slog.Logger
	// Progress is told what takes long (download, initdb, recovery), one call at a
	// time; nil means nobody is.
	Progress func(message string)

	// What follows is for the tests of this package.
	places    *places
	lifelines bool
	pickPort  func(preferred int) (int, error)
	now       func() time.Time
}

// startTimeout bounds the start of the servers, recovery included; downloading
// and initdb come before.
const startTimeout = 2 * time.Minute

// Start starts the servers and returns when each of them has answered. ctx bounds
// the start only. Errors of interest: *HeldError, *ShardCountError,
// *VersionError, *MissingPostgresError. After an error nothing is left running.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	if err := o.complete(); err != nil {
		return nil, fmt.Errorf("start embedded servers: %w", err)
	}
	c := &Cluster{
		options: o, places: *o.places, identity: childIdentity(), log: o.Log, done: make(chan struct{}),
	}
	if err := c.start(ctx); err != nil {
		return nil, fmt.Errorf("start embedded servers: %w", errors.Join(err, c.Stop(ctx)))
	}
	return c, nil
}

// complete checks the options and fills in what was left out.
func (o *Options) complete() error {
	switch {
	case o.Shards < 0 || o.Shards > 1024:
		return fmt.Errorf("%d shards asked for; between 1 and 1024 are possible", o.Shards)
	case o.Shards == 0 && !o.Redis:
		return errors.New("neither shards nor Redis asked for")
	case o.Dir == "" && !o.Ephemeral:
		return errors.New("no data directory given")
	}
	if o.Dir != "" {
		dir, err := filepath.Abs(o.Dir)
		if err != nil {
			return fmt.Errorf("find data directory: %w", err)
		}
		o.Dir = dir
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.places == nil {
		usual := usualPlaces()
		o.places = &usual
	}
	if o.pickPort == nil {
		o.pickPort = freePort
	}
	if o.now == nil {
		o.now = time.Now
	}
	if tell := o.Progress; tell != nil {
		var one sync.Mutex
		o.Progress = func(message string) {
			one.Lock()
			defer one.Unlock()
			tell(message)
		}
	}
	return nil
}

func (o *Options) progress(format string, values ...any) {
	if o.Progress != nil {
		o.Progress(fmt.Sprintf(format, values...))
	}
}

// openDirectory makes, locks and reads the directory.
func (c *Cluster) openDirectory(ctx context.Context) error {
	o := &c.options
	if o.Ephemeral {
		sweepEphemeral(c.places.scratch())
	}
	sweepHomes(c.places)
	if o.Dir == "" {
		dir, err := c.identity.temporaryDir(c.places.scratch())
		if err != nil {
			return err
		}
		o.Dir, c.temporary = dir, true
	} else if err := c.identity.makeOpen(o.Dir); err != nil {
		return fmt.Errorf("make data directory: %w", err)
	}
	held, err := acquireLock(ctx, o.Dir)
	if errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("%w; it was made by another user: start as that user, or choose another data directory", err)
	}
	if err != nil {
		return err
	}
	c.lock = held
	found, ok, err := readState(o.Dir)
	switch {
	case o.Reset:
		// A state that cannot be read is a reason to reset, not one not to.
		if err := removeState(o.Dir, found, c.places.homes); err != nil {
			return fmt.Errorf("reset: %w", err)
		}
		ok = false
	case err != nil:
		return err
	case ok && o.Ephemeral && !found.Ephemeral:
		return fmt.Errorf("%s holds data that is to be kept; an ephemeral cluster needs another directory", o.Dir)
	case ok && found.Ephemeral:
		if err := removeState(o.Dir, found, c.places.homes); err != nil {
			return fmt.Errorf("remove what an ephemeral cluster left: %w", err)
		}
		ok = false
	}
	if ok && o.Shards > 0 && found.Shards > 0 && found.Shards != o.Shards {
		return &ShardCountError{Dir: o.Dir, OnDisk: found.Shards, Wanted: o.Shards}
	}
	if ok {
		c.state = found
	}
	c.state.Ephemeral = o.Ephemeral
	return c.settle(ok)
}

// settle decides where the children's directories lie.
func (c *Cluster) settle(hasState bool) error {
	home := c.state.Home
	if home == "" {
		if hasState {
			home = c.options.Dir
		} else {
			chosen, reason, err := c.identity.homeDir(c.options.Dir, c.places.homes)
			if err != nil {
				return err
			}
			home = chosen
			if reason != nil {
				c.options.progress("Keeping the shards in %s: %v", home, reason)
				c.state.Home = home
				if err := os.WriteFile(filepath.Join(home, ownerName), []byte(c.options.Dir), 0o600); err != nil {
					return fmt.Errorf("keep shards in %s: %w", home, err)
				}
			}
		}
	}
	c.home = home
	left, err := filepath.Glob(filepath.Join(escapeGlob(home), "shard-*"))
	if err != nil {
		return fmt.Errorf("look for shards: %w", err)
	}
	if !hasState && len(left) > 0 {
		if home == c.options.Dir {
			return fmt.Errorf("%s holds shards but no %s to say what they are; start with --reset to begin anew (that deletes the data)", home, stateName)
		}
		// The directory they belonged to was removed, and they with it, as far
		// as its owner knows.
		if err := removeChildren(home); err != nil {
			return fmt.Errorf("remove shards of a removed data directory: %w", err)
		}
	}
	if hasState && len(left) > 0 {
		info, err := os.Stat(left[0])
		if err != nil {
			return fmt.Errorf("look for shards: %w", err)
		}
		return c.adopt(info)
	}
	return nil
}

// adopt runs the children as the owner of the data they are to serve.
func (c *Cluster) adopt(info os.FileInfo) error {
	c.identity = c.identity.owning(info)
	if owner, _ := ownerOf(info); owner != c.identity.uid {
		return fmt.Errorf("shards in %s belong to user %s, and this process would run them as %s; start as the user who made them, or choose another data directory",
			c.home, userName(owner), c.identity.name)
	}
	return nil
}
