package embedded

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Cluster is what Start started.
type Cluster struct {
	options  Options
	places   places
	identity identity
	log      *slog.Logger
	home     string
	// temporary is whether we made the directory and remove it.
	temporary bool
	state     state
	lock      *lock
	spawner   *spawner
	shards    []*instance
	redis     *redisServer
	memory    *memoryRedis

	watchers sync.WaitGroup
	done     chan struct{}
	stop     sync.Once
	stopErr  error
	mu       sync.Mutex // guards what follows
	stopping bool
	err      error
}

// Process is one running child.
type Process struct {
	Name string // "shard-0", "redis"
	PID  int
}

// PostgresURLs returns one connection URL per shard, in order. They name Unix
// sockets where the path is short enough for one, else 127.0.0.1.
func (c *Cluster) PostgresURLs() []string {
	urls := make([]string, len(c.shards))
	for i, shard := range c.shards {
		urls[i] = shard.url()
	}
	return urls
}

// PostgresTCPURLs returns the same servers by 127.0.0.1, for database tools and
// for proxies that tests put in between.
func (c *Cluster) PostgresTCPURLs() []string {
	urls := make([]string, len(c.shards))
	for i, shard := range c.shards {
		urls[i] = shard.tcpURL()
	}
	return urls
}

// RedisURL returns the URL of Redis, "" where none was asked for.
func (c *Cluster) RedisURL() string {
	switch {
	case c.redis != nil:
		return c.redis.url()
	case c.memory != nil:
		return c.memory.url()
	default:
		return ""
	}
}

// Processes lists the children, in the order shards, Redis.
func (c *Cluster) Processes() []Process {
	var list []Process
	for _, child := range c.children() {
		list = append(list, Process{Name: child.name, PID: child.pid()})
	}
	return list
}

// Dir is the data directory, absolute.
func (c *Cluster) Dir() string { return c.options.Dir }

// Done is closed when a child has ended by itself, and by Stop.
func (c *Cluster) Done() <-chan struct{} { return c.done }

// Err says which child ended by itself first, how, and what it wrote last; it is
// nil before that and after an orderly Stop.
func (c *Cluster) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

func (c *Cluster) children() []*child {
	var list []*child
	for _, shard := range c.shards {
		if shard.child != nil {
			list = append(list, shard.child)
		}
	}
	if c.redis != nil && c.redis.child != nil {
		list = append(list, c.redis.child)
	}
	return list
}

func (c *Cluster) start(ctx context.Context) error {
	if err := c.openDirectory(ctx); err != nil {
		return err
	}
	c.spawner = newSpawner(c.identity, c.options.lifelines)
	if c.state.Password == "" {
		c.state.Password = rand.Text()
	}
	socketDir, err := c.makeRunDir()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(c.options.Dir, "log"), 0o755); err != nil {
		return fmt.Errorf("make log directory: %w", err)
	}
	prepared := template{}
	if c.options.Shards > 0 {
		if prepared, err = c.preparePostgres(ctx, socketDir); err != nil {
			return err
		}
	}
	if c.options.Redis {
		if err := c.prepareRedis(socketDir); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout, fmt.Errorf("not ready after %v", startTimeout))
	defer cancel()
	if err := c.startServers(ctx, prepared); err != nil {
		return err
	}
	c.state.Created = c.state.Created || c.options.Shards > 0
	c.rememberPorts()
	if err := c.state.write(c.options.Dir); err != nil {
		return err
	}
	for _, child := range c.children() {
		c.watchers.Go(func() { c.watch(child) })
	}
	return nil
}

// makeRunDir makes the directory of the sockets, without those of the last run,
// and returns it, or "" where its path is too long for a socket.
func (c *Cluster) makeRunDir() (string, error) {
	dir := filepath.Join(c.home, "run")
	if err := os.RemoveAll(dir); err != nil {
		return "", fmt.Errorf("remove old sockets: %w", err)
	}
	if err := c.identity.mkdir(dir); err != nil {
		return "", fmt.Errorf("make socket directory: %w", err)
	}
	if !fitsSocket(dir) {
		return "", nil
	}
	return dir, nil
}

// preparePostgres finds the binaries and the template and describes the shards.
func (c *Cluster) preparePostgres(ctx context.Context, socketDir string) (template, error) {
	cacheHome := c.home
	if c.options.Ephemeral {
		cacheHome = ""
	}
	cache, err := c.identity.cacheDir(c.places, cacheHome)
	if err != nil {
		return template{}, err
	}
	found, err := c.choosePostgres(ctx, cache)
	if err != nil {
		return template{}, err
	}
	if c.state.Postgres != 0 && c.state.Postgres != found.major {
		return template{}, &VersionError{Dir: c.options.Dir, OnDisk: c.state.Postgres, Found: found.major, Bin: found.dir}
	}
	c.log.Debug("found postgres", "version", found.version, "bin", found.dir, "user", c.identity.name)
	var prepared template
	if !c.state.Created {
		if prepared, err = c.spawner.prepareTemplate(ctx, found, cache, c.options.progress); err != nil {
			return template{}, err
		}
		c.state.Password = prepared.password
		c.state.Shards, c.state.Postgres = c.options.Shards, found.major
		// Before the first shard, so that an interrupted start is understood.
		if err := c.state.write(c.options.Dir); err != nil {
			return template{}, err
		}
	}
	for n := range c.options.Shards {
		name := fmt.Sprintf("shard-%d", n)
		log, err := newLogFile(filepath.Join(c.options.Dir, "log", name+".log"))
		if err != nil {
			return template{}, err
		}
		c.shards = append(c.shards, &instance{
			name: name, bin: found.dir, dataDir: filepath.Join(c.home, name), socketDir: socketDir,
			password: c.state.Password, ephemeral: c.options.Ephemeral, settings: c.options.Settings, log: log, logger: c.log,
			pickPort: c.options.pickPort, port: c.portOf(n),
		})
	}
	return prepared, nil
}

func (c *Cluster) choosePostgres(ctx context.Context, cache string) (binaries, error) {
	found, err := c.spawner.findPostgres(ctx, c.options.PostgresBin, c.places, c.state.Postgres)
	var missing *notFoundError
	if !errors.As(err, &missing) {
		return found, err
	}
	bin, downloadErr := c.spawner.downloadPostgres(ctx, cache, c.places.repository, c.options.progress)
	if downloadErr == nil {
		found, downloadErr = c.spawner.inspect(ctx, bin)
	}
	if downloadErr != nil {
		return binaries{}, &MissingPostgresError{Search: missing, Download: downloadErr}
	}
	return found, nil
}

func (c *Cluster) prepareRedis(socketDir string) error {
	bin := findRedis(c.places)
	if bin == "" {
		memory, err := startMemoryRedis(c.state.Password, c.options.now)
		if err != nil {
			return err
		}
		c.log.Info("no redis-server found, its stand-in runs inside this process")
		c.memory = memory
		return nil
	}
	log, err := newLogFile(filepath.Join(c.options.Dir, "log", "redis.log"))
	if err != nil {
		return err
	}
	c.redis = &redisServer{
		bin: bin, dir: filepath.Join(c.home, "redis"), socketDir: socketDir, password: c.state.Password,
		log: log, pickPort: c.options.pickPort, port: c.portOf(c.state.Shards),
	}
	return nil
}

// startServers copies the template where a shard is new, and starts all servers
// side by side.
func (c *Cluster) startServers(ctx context.Context, prepared template) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, shard := range c.shards {
		group.Go(func() error {
			_, err := os.Stat(shard.dataDir)
			switch {
			case errors.Is(err, os.ErrNotExist) && c.state.Created:
				return fmt.Errorf("%s of the data in %s is missing; put it back, or start with --reset to begin anew (that deletes the data)", shard.name, c.home)
			case errors.Is(err, os.ErrNotExist):
				if err := c.identity.copyTemplate(ctx, prepared, shard.dataDir); err != nil {
					return err
				}
			case err != nil:
				return fmt.Errorf("look for %s: %w", shard.name, err)
			}
			if _, unclean := readPID(filepath.Join(shard.dataDir, "postmaster.pid")); unclean {
				c.options.progress("Recovering %s, which was not stopped", shard.name)
			}
			return shard.start(ctx, c.spawner)
		})
	}
	if c.redis != nil {
		group.Go(func() error { return c.redis.start(ctx, c.spawner) })
	}
	if c.memory != nil {
		group.Go(func() error { return pingRedis(ctx, c.memory.url()) })
	}
	return group.Wait()
}

func (c *Cluster) portOf(n int) int {
	if n < len(c.state.Ports) {
		return c.state.Ports[n]
	}
	return 0
}

// rememberPorts lists the shards' ports, then that of Redis.
func (c *Cluster) rememberPorts() {
	ports := make([]int, c.state.Shards+1)
	copy(ports, c.state.Ports)
	for n, shard := range c.shards {
		ports[n] = shard.port
	}
	if c.redis != nil {
		ports[c.state.Shards] = c.redis.port
	}
	c.state.Ports = ports
}

// watch waits for the end of a child and tells if nobody asked for it: Err tells
// of the first, the log of the others.
func (c *Cluster) watch(child *child) {
	<-child.ended
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopping {
		return
	}
	err := child.deathError()
	if c.err != nil {
		c.log.Error("embedded server ended by itself", "server", child.name, "error", err)
		return
	}
	c.err = err
	close(c.done)
}

// Stop ends every child within five seconds: sessions are cut, data is
// checkpointed, and who is too slow is killed and recovers at the next start. A
// cancelled ctx makes it hurry. It then lets go of the directory, and removes
// what is ephemeral. Calls after the first wait for it and return the same.
func (c *Cluster) Stop(ctx context.Context) error {
	c.stop.Do(func() { c.stopErr = c.shutdown(ctx) })
	return c.stopErr
}

func (c *Cluster) shutdown(ctx context.Context) error {
	c.mu.Lock()
	c.stopping = true
	c.mu.Unlock()
	var group errgroup.Group
	errs := make([]error, len(c.shards)+1)
	for n, shard := range c.shards {
		group.Go(func() error { errs[n] = shard.stop(ctx, c.options.Ephemeral); return nil })
	}
	if c.redis != nil {
		group.Go(func() error { errs[len(c.shards)] = c.redis.stop(ctx); return nil })
	}
	_ = group.Wait()
	if c.memory != nil {
		c.memory.stop()
	}
	c.watchers.Wait()
	if c.spawner != nil {
		c.spawner.close()
	}
	if c.lock != nil {
		if c.options.Ephemeral && errors.Join(errs...) == nil {
			errs = append(errs, c.remove()) //nolint:makezero // one for each child, and then this one
		}
		c.lock.release()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		close(c.done)
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("stop embedded servers: %w", err)
	}
	return nil
}

// remove takes an ephemeral cluster off the disk.
func (c *Cluster) remove() error {
	if c.temporary {
		return os.RemoveAll(c.options.Dir)
	}
	return errors.Join(removeState(c.options.Dir, c.state, c.places.homes),
		os.Remove(filepath.Join(c.options.Dir, lockName)))
}
