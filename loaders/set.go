package loaders

import (
	"context"
	"slices"
	"sync"
	"time"

	"backline/graph/rights"
	"backline/loaders/fieldcache"
	"backline/store"
)

// Observer is told of every batch. Its methods are called from many goroutines.
type Observer interface {
	BatchStart(ctx context.Context, loader string, keys int) context.Context
	BatchEnd(ctx context.Context, loader string, keys int, took time.Duration, err error)
	// BatchLooked is told where the keys of a batch were found that a cache was asked for, once it has its
	// values.
	BatchLooked(ctx context.Context, loader string, local, redis, stale, joined, misses int)
}

// Options are what the loaders of all responses share.
type Options struct {
	Store *store.Store
	// Observer may be nil.
	Observer Observer
	// Auditor may be nil.
	Auditor Auditor
	// Quiet is for executors that do not count their resolvers (gqlgen's own): a batch leaves when
	// no key has come for that long. 0 means 2 ms. The breadth-first executor never waits for it.
	Quiet time.Duration
	// Clock is read for durations; nil means time.Now.
	Clock func() time.Time
	// Alone has each list asked for by itself, whatever Lead says: then what a response takes does not
	// depend on what the lists have learned from others.
	Alone bool
	// Cache keeps rows of tables that say so; it must have the Spaces. nil: nothing is kept.
	Cache *fieldcache.Cache
}

// Set holds the loaders of one response and decides when they dispatch.
type Set struct {
	Loaders
	options *Options
	// ctx is the response's: a resolver that gives up does not take its siblings' batch with it.
	ctx context.Context
	// needs are the columns that the operation needs; nil: whole rows.
	needs *store.Needs
	// session is the cache as this response sees it; nil if there is none.
	session *fieldcache.Session
	// reads are what was read, if anybody wants to know.
	reads *fieldcache.Reads

	mu      sync.Mutex
	counted bool // an executor counts its resolvers
	running int  // resolvers that have neither returned nor parked
	parked  int
	queue   []batch
	round   *round // what the parked wait for; nil if nobody is parked
	quiet   *time.Timer
	trace   *Trace
	onWait  func() // see OnWait; called with mu held

	// What came in this round with what was asked for.
	primed   []store.Along
	children []store.Children

	accesses []access // of this round, for the auditor

	sending sync.Mutex // rounds go one after another, so a key in flight is there after the next
}

// round ends when its batches have their values.
type round struct{ done chan struct{} }

// batch is a loader with keys to send. Its methods are called with Set.mu held, but for send.
type batch interface {
	// prepare takes the fresh keys; nil if there are none.
	prepare() sender
}

// sender are keys on their way.
type sender interface {
	// query is what the store must answer; nil if this is not a question to the store.
	query() *store.Query
	// send asks somebody else than the store.
	send(ctx context.Context)
	// take moves the answers into the loader. Set.mu is held.
	take()
}

type contextKey struct{}

// attachment is what a response has of loaders. They are made when the first one is used: an answer that
// is kept as a whole needs none.
type attachment struct {
	options *Options
	ctx     context.Context
	trace   *Trace
	session *fieldcache.Session // nil if there is no cache

	once sync.Once
	set  *Set
}

// Attach puts fresh loaders into the context of a response. With trace they record their batches.
func Attach(ctx context.Context, o *Options, trace bool) context.Context {
	a := &attachment{options: o, ctx: ctx}
	if trace {
		a.trace = &Trace{Batches: []TraceBatch{}}
	}
	if o.Cache != nil {
		a.session = o.Cache.Session(viewerKey(rights.Of(ctx)))
	}
	return context.WithValue(ctx, contextKey{}, a)
}

// For gives the loaders of the response that ctx belongs to. It panics where Attach was forgotten.
func For(ctx context.Context) *Set {
	a := ctx.Value(contextKey{}).(*attachment)
	a.once.Do(a.open)
	return a.set
}

func (a *attachment) open() {
	a.set = &Set{options: a.options, ctx: a.ctx, trace: a.trace, session: a.session}
	a.set.Loaders.attach(a.set)
}

// Read says which columns the operation needs of all rows, from now on. An executor that does not say
// so gets whole rows.
func (s *Set) Read(n *store.Needs) {
	s.mu.Lock()
	s.needs = n
	s.mu.Unlock()
}

// Enter says that n resolvers of a wave are about to start.
func (s *Set) Enter(n int) {
	s.mu.Lock()
	s.counted = true
	s.running += n
	s.mu.Unlock()
}

// Leave says that a resolver has returned.
func (s *Set) Leave() {
	s.mu.Lock()
	s.running--
	s.dispatch()
	s.mu.Unlock()
}

// OnWait sets what is called by each resolver right before it waits, from now on; nil: nothing is. It must
// not call the Set. When OnWait returns, what was set before is not running.
func (s *Set) OnWait(f func()) {
	s.mu.Lock()
	s.onWait = f
	s.mu.Unlock()
}

// park queues a batch and waits until the round that sends it is over. s.mu is held.
func (s *Set) park(b batch) {
	s.enqueue(b)
	if s.round == nil && s.counted && s.running == 1 { // nobody else waits, nor will
		queue := s.queue
		s.queue, s.running = nil, 0
		s.mu.Unlock()
		s.sending.Lock()
		s.send(queue)
		s.sending.Unlock()
		s.mu.Lock()
		s.running++
		return
	}
	if s.round == nil {
		s.round = &round{done: make(chan struct{})}
	}
	r := s.round
	s.running--
	s.parked++
	if s.onWait != nil {
		s.onWait()
	}
	if s.counted {
		s.dispatch()
	} else {
		s.dispatchWhenQuiet()
	}
	s.mu.Unlock()
	<-r.done
	s.mu.Lock()
}

func (s *Set) enqueue(b batch) {
	if !slices.Contains(s.queue, b) {
		s.queue = append(s.queue, b)
	}
}

// dispatch sends what is queued, if nobody can add to it any more. s.mu is held.
func (s *Set) dispatch() {
	if s.running > 0 || s.round == nil {
		return
	}
	queue, r, parked := s.queue, s.round, s.parked
	s.queue, s.round, s.parked = nil, nil, 0
	s.mu.Unlock()
	s.sending.Lock()
	s.send(queue)
	s.sending.Unlock()
	s.mu.Lock()
	s.running += parked
	close(r.done)
}

// dispatchWhenQuiet is for executors that do not count.
func (s *Set) dispatchWhenQuiet() {
	wait := s.options.Quiet
	if wait == 0 {
		wait = 2 * time.Millisecond
	}
	if s.quiet == nil {
		s.quiet = time.AfterFunc(wait, func() {
			s.mu.Lock()
			s.running = 0
			s.dispatch()
			s.mu.Unlock()
		})
		return
	}
	s.quiet.Reset(wait)
}

// send runs a round: all questions to the store go together, others beside them.
func (s *Set) send(queue []batch) {
	s.mu.Lock()
	senders := make([]sender, 0, len(queue))
	queries := make([]*store.Query, 0, len(queue))
	for _, b := range queue {
		if p := b.prepare(); p != nil {
			senders = append(senders, p)
			s.record(p)
		}
	}
	senders = append(senders, s.beside(senders)...)
	s.mu.Unlock()
	if len(senders) == 0 {
		return
	}
	start := s.now()
	var cached []cachedSender
	var looked []looked
	var others sync.WaitGroup
	for _, p := range senders {
		switch q := p.query(); {
		case q != nil:
			queries = append(queries, q)
		default:
			if c, ok := p.(cachedSender); ok {
				cached = append(cached, c)
				continue
			}
			others.Go(func() { p.send(s.ctx) })
		}
	}
	if len(cached) > 0 {
		looked = s.sendCached(cached, queries)
	} else {
		s.run(queries)
	}
	others.Wait()
	took := s.now().Sub(start)
	if s.options.Auditor != nil {
		defer s.audit() // when the lock is free again
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range senders {
		p.take()
	}
	for _, a := range s.primed { // now that nothing is on its way
		if l := s.byKind(a.Kind()); l != nil {
			l.adopt(a)
		}
	}
	s.primed = s.primed[:0]
	for _, c := range s.children {
		if l := s.byField(c.Field()); l != nil {
			l.adopt(c)
		}
	}
	s.children = s.children[:0]
	if s.trace != nil {
		s.trace.add(s.options.Store, queries, looked, took)
	}
}

// run asks the store.
func (s *Set) run(queries []*store.Query) {
	if len(queries) == 0 {
		return
	}
	start := s.now()
	observer := s.options.Observer
	if observer != nil {
		for _, q := range queries {
			q.Context = observer.BatchStart(s.ctx, q.Loader, q.Keys)
		}
	}
	s.options.Store.Run(s.ctx, queries...)
	if observer != nil {
		took := s.now().Sub(start)
		for _, q := range queries {
			observer.BatchEnd(q.Context, q.Loader, q.Keys, took, q.Err())
		}
	}
}

func (s *Set) now() time.Time {
	if s.options.Clock != nil {
		return s.options.Clock()
	}
	return time.Now()
}
