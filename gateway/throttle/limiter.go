package throttle

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// Options are what a Limiter is made of.
type Options struct {
	// Plans are the budgets. Required.
	Plans Plans
	// Redis holds the buckets. Nil: every instance is alone, with its part of each plan.
	Redis redis.UniversalClient
	// Instances is how many instances share a plan while Redis is away. Default 1.
	Instances int
	// Timeout bounds a call to Redis; one that takes longer has failed. Default 100 ms.
	Timeout time.Duration
	// Sweep is how often leases of quiet clients are returned, after two sweeps without use, and how
	// often a Redis that failed is asked again. Default 250 ms.
	Sweep time.Duration
	// Accounts bounds the clients that are remembered. Those beyond are asked for at Redis with each
	// request, and share one local bucket without it. Default 100,000.
	Accounts int
	// Log is told when Redis is lost and when it is back. Nil discards it.
	Log *slog.Logger
	// Now is the clock of this process. Nil: time.Now.
	Now func() time.Time
}

// Limiter keeps the accounts of clients. It is safe for use by several goroutines.
type Limiter struct {
	plans     Plans
	redis     redis.UniversalClient
	instances int
	timeout   time.Duration
	most      int
	log       *slog.Logger
	now       func() time.Time

	accounts sync.Map // id → *Account
	count    atomic.Int64
	spill    spill
	late     late
	away     atomic.Bool
	calls    sync.WaitGroup
	stop     chan struct{}
}

// New makes a Limiter. Close it.
func New(o Options) (*Limiter, error) {
	if o.Plans.standard == nil {
		return nil, errors.New("build the throttle: plans are required")
	}
	l := &Limiter{
		plans: o.Plans, redis: o.Redis, instances: max(o.Instances, 1), timeout: o.Timeout, most: o.Accounts,
		log: o.Log, now: o.Now, stop: make(chan struct{}),
	}
	if l.timeout <= 0 {
		l.timeout = 100 * time.Millisecond
	}
	if l.most <= 0 {
		l.most = 100_000
	}
	if l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	if l.now == nil {
		l.now = time.Now
	}
	if o.Sweep <= 0 {
		o.Sweep = 250 * time.Millisecond
	}
	l.away.Store(l.redis == nil)
	l.calls.Go(func() { l.sweepUntilStopped(o.Sweep) })
	return l, nil
}

// Account is the account of a client. The id says who it is, see [Client]; the plan is that of its name,
// and each plan of a client has a budget of its own.
func (l *Limiter) Account(client, plan string) *Account {
	p := l.plans.Of(plan)
	id := p.Name + ":" + client
	if a, ok := l.accounts.Load(id); ok {
		return a.(*Account)
	}
	if l.count.Load() >= int64(l.most) {
		return &Account{limiter: l, id: id, plan: p, direct: true}
	}
	a := &Account{limiter: l, id: id, plan: p, chunk: p.Chunk()}
	kept, loaded := l.accounts.LoadOrStore(id, a)
	if !loaded {
		l.count.Add(1)
	}
	return kept.(*Account)
}

// Away tells whether budgets are this instance's own, because Redis does not answer.
func (l *Limiter) Away() bool { return l.isAway() }

func (l *Limiter) isAway() bool { return l.away.Load() }

// share is this instance's part of a plan.
func (l *Limiter) share(p *Plan) (capacity, rate Points) {
	n := Points(l.instances)
	return max(p.Capacity/n, Point), max(p.Restore/n, 1)
}

// lost is told of a call that failed. From now on requests do without, until Redis answers again.
func (l *Limiter) lost(err error) {
	if !l.away.Swap(true) {
		l.log.Warn("throttling goes on without Redis, each instance by itself", "instances", l.instances, "err", err)
	}
}

// Close returns what is leased and ends the sweeps. Nothing may be taken any more.
func (l *Limiter) Close(context.Context) error {
	close(l.stop)
	l.calls.Wait()
	if l.isAway() {
		return nil
	}
	if err := l.giveBack(l.collect(0)); err != nil { // their buckets fill up by themselves
		l.log.Warn("points that clients had left are lost", "err", err)
	}
	return nil
}

// spill is the bucket of clients that are not remembered, while Redis is away.
type spill struct {
	mu sync.Mutex
	bucket
}

func (s *spill) take(now time.Time, need, capacity, rate Points) Verdict {
	s.mu.Lock()
	defer s.mu.Unlock()
	wait, ok := s.bucket.take(now, need, capacity, rate)
	return Verdict{OK: ok, Wait: wait}
}

// late are the points that clients who are not remembered have to get back.
type late struct {
	mu   sync.Mutex
	list []returned
}

const maxLate = 10_000

func (l *late) add(r returned) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.list) < maxLate {
		l.list = append(l.list, r)
	}
}

func (l *late) take() []returned {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := l.list
	l.list = nil
	return list
}
