package fieldcache

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// Config is what a Cache is made of.
type Config struct {
	// Redis is one node, the master of Sentinels, or a Cluster. Its ContextTimeoutEnabled must be on,
	// and it must not read from replicas. The cache does not close it.
	Redis redis.UniversalClient
	// Spaces are all kinds of values.
	Spaces []SpaceConfig
	// Schema stands for the shape of all values: instances with another schema neither see nor
	// disturb each other's values. Required, without colons.
	Schema string
	// Namespace begins every key in Redis; "" means "backline:cache".
	Namespace string
	// Subtrees are the root fields whose encoded values may be kept ("Query.album"); none: nothing is.
	Subtrees []string
	// LocalBytes is how much L1 may hold; 0 means no L1.
	LocalBytes uint64
	// Budget is how long one response may wait for Redis in all; 0 means 15 ms.
	Budget time.Duration
	// LeaseWait is how long a response waits for a value that another process is loading before it
	// becomes the second to load it; 0 means 5 ms. After three times that it loads without leave.
	LeaseWait time.Duration
	// StoreSeats is how many rounds may ask the store at once while Redis is away; 0 means 8.
	StoreSeats int
	// Refreshers is how many goroutines load values before they are asked for; 0 means 4.
	Refreshers int
	// Observer may be nil.
	Observer Observer
	// Log hears that Redis went away and came back; nil means nobody does.
	Log *slog.Logger
	// Clock is read for expiry and durations; nil means time.Now.
	Clock func() time.Time
	// Timing is how long things last; zero means as in production.
	Timing Timing
}

const (
	probeEvery     = 200 * time.Millisecond
	failuresToOpen = 5
	generationLife = 30 * 24 * time.Hour
	// minIDGenerationLife is a lower bound for the generations of ids, of which there are many.
	minIDGenerationLife = time.Hour
)

// Cache keeps values of spaces in this process and in Redis.
type Cache struct {
	config     Config
	observer   Observer
	clock      func() time.Time
	start      time.Time
	log        *slog.Logger
	spaces     map[string]*Space
	prefix     string // of all keys of this schema
	everything generation
	limit      atomic.Int64 // see Limit, milliseconds

	local     local
	heard     heard
	subtrees  map[string]*Space // by field
	makings   makings
	joint     *joint
	remote    remote
	flights   flights
	gate      Gate
	refresher refresher
	inval     *Invalidator
	filler    filler

	ctx     context.Context // ends with Close
	cancel  context.CancelFunc
	running sync.WaitGroup
	closing sync.RWMutex // held for reading by who starts work in the background
	closed  bool
}

// New starts a Cache. It does not wait for Redis: until it has answered, everything is a miss.
func New(c Config) (*Cache, error) {
	if c.Namespace == "" {
		c.Namespace = "backline:cache"
	}
	if c.Schema == "" {
		return nil, errors.New("build the field cache: no schema")
	}
	if err := checkClient(c.Redis); err != nil {
		return nil, fmt.Errorf("build the field cache: %w", err)
	}
	c.Budget = orDefault(c.Budget, 15*time.Millisecond)
	c.LeaseWait = orDefault(c.LeaseWait, 5*time.Millisecond)
	c.StoreSeats = orDefault(c.StoreSeats, 8)
	c.Refreshers = orDefault(c.Refreshers, 4)
	if c.Observer == nil {
		c.Observer = unobserved{}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	c.Timing = orDefault(c.Timing, usualTiming())
	_, single := c.Redis.(*redis.Client)
	cache := &Cache{
		config: c, observer: c.Observer, clock: c.Clock, log: c.Log, start: c.Clock(),
		spaces: make(map[string]*Space, len(c.Spaces)), prefix: c.Namespace + ":" + c.Schema + ":",
		remote:  remote{client: c.Redis, single: single, observer: c.Observer, now: c.Clock, timing: c.Timing, seats: make(chan struct{}, seatsOf(c.Redis))},
		flights: flights{loading: map[localKey]*flight{}, renewed: map[localKey]struct{}{}},
	}
	cache.ctx, cache.cancel = context.WithCancel(context.Background())
	cache.everything = generation{cache.prefix + generationName, generationLife}
	for i, s := range c.Spaces {
		space, err := newSpace(s, cache.prefix, i)
		if err != nil {
			return nil, err
		}
		if cache.spaces[s.Name] != nil {
			return nil, fmt.Errorf("cache space %s: twice", s.Name)
		}
		cache.spaces[s.Name] = space
	}
	if err := cache.local.open(c.LocalBytes); err != nil {
		return nil, err
	}
	if len(c.Subtrees) > 0 {
		cache.heard.open()
		cache.subtrees = subtreeSpaces(c.Subtrees, cache.prefix, len(c.Spaces))
		cache.makings.all = map[localKey]*making{}
	}
	cache.gate.available, cache.gate.seats = cache.remote.isAvailable, make(chan struct{}, c.StoreSeats)
	cache.inval = NewInvalidator(c.Redis, c.Namespace, c.Schema)
	cache.inval.clock = c.Clock
	cache.remote.breaker = breaker{limit: failuresToOpen, changed: cache.onBreaker}
	cache.joint = newJoint(&cache.remote)
	cache.refresher.start(cache)
	cache.filler.start(cache)
	cache.running.Go(func() { (&tail{cache: cache}).run() })
	return cache, nil
}

func orDefault[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

// checkClient refuses a client that would not give up in time.
func checkClient(client redis.UniversalClient) error {
	var gives bool
	switch client := client.(type) {
	case *redis.Client:
		gives = client.Options().ContextTimeoutEnabled
	case *redis.ClusterClient:
		o := client.Options()
		gives = o.ContextTimeoutEnabled
		if o.ReadOnly || o.RouteByLatency || o.RouteRandomly {
			return errors.New("the client reads from replicas, which may hold what has been invalidated")
		}
	default:
		return fmt.Errorf("a client of type %T is not supported", client)
	}
	if !gives {
		return errors.New("the client's ContextTimeoutEnabled is off")
	}
	return nil
}

// onBreaker runs when Redis goes away and when it is back.
func (c *Cache) onBreaker(open bool) {
	c.observer.Available(!open)
	if !open {
		c.log.Info("the field cache uses Redis again")
		return
	}
	c.log.Warn("Redis does not answer in time: the field cache is off until it does")
	c.background(func() {
		p := prober{remote: &c.remote, key: "{" + c.config.Namespace + "}:probe", budget: c.config.Budget, every: probeEvery, stop: c.ctx.Done()}
		p.run()
	})
}

// background runs f beside the responses, unless the cache is closed. It says whether it will.
func (c *Cache) background(f func()) bool {
	c.closing.RLock()
	defer c.closing.RUnlock()
	if c.closed {
		return false
	}
	c.running.Go(f)
	return true
}

// Close ends what runs in the background and waits for it. Rounds that are under way find no Redis.
func (c *Cache) Close() {
	c.closing.Lock()
	c.closed = true
	c.closing.Unlock()
	c.cancel()
	c.running.Wait()
	c.local.flush()
}

// Space gives a space by its name, nil if there is none.
func (c *Cache) Space(name string) *Space { return c.spaces[name] }

// Gate is what a round's loads must pass.
func (c *Cache) Gate() *Gate { return &c.gate }

// IsAvailable says whether Redis is in use.
func (c *Cache) IsAvailable() bool { return c.remote.isAvailable() }

// ServesLocally says whether values of this process are in use: the stream of invalidations is heard.
func (c *Cache) ServesLocally() bool { return c.local.serves(c.clock().Sub(c.start)) }

// Limit says that changes are not heard for the time being: values that were filled longer ago than age
// are served only where loading them fails and their policy allows it, whoever filled them. 0 says that
// all changes have been heard again, those in between among them.
func (c *Cache) Limit(age time.Duration) { c.limit.Store(age.Milliseconds()) }

// IsLimited says whether a limit holds.
func (c *Cache) IsLimited() bool { return c.limit.Load() > 0 }

// freshness of an entry, under the limit if there is one.
func (c *Cache) freshness(s *Space, e *entry, now int64) freshness {
	return s.policy.freshness(e, now, c.limit.Load())
}

// LocalBytes is about how much the values in this process take.
func (c *Cache) LocalBytes() uint64 { return c.local.bytes() }

// Invalidate is Invalidator.Invalidate; this process forgets at once.
func (c *Cache) Invalidate(ctx context.Context, what ...Ref) error {
	err := c.inval.Invalidate(ctx, what...)
	c.forget(what)
	c.heard.outdate(c.inval.lastNumber())
	return err
}

// forget makes values of this process unusable.
func (c *Cache) forget(what []Ref) {
	for _, ref := range what {
		space := c.spaces[ref.Space]
		switch {
		case ref.Space == "":
			c.local.flush()
		case space == nil: // another schema's
			continue
		case ref.ID == 0:
			c.local.dropAll(space)
		default:
			c.local.drop(localKey{space: space, id: ref.ID})
		}
		c.observer.Invalidated(ref.Space, 1)
	}
}

func newToken() (t token) {
	binary.NativeEndian.PutUint64(t[:], rand.Uint64())
	return t
}

// Session is the cache as one response sees it.
type Session struct {
	cache  *Cache
	viewer string
	budget allowance
}

// Session begins a response. viewer is "" for nobody.
func (c *Cache) Session(viewer string) *Session {
	s := &Session{cache: c, viewer: viewer}
	s.budget.left.Store(int64(c.config.Budget))
	return s
}
