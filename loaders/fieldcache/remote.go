package fieldcache

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// remote is L2.
type remote struct {
	client redis.UniversalClient
	// single says that one node holds all keys, so one command may name many.
	single   bool
	observer Observer
	now      func() time.Time
	timing   Timing
	breaker  breaker
	// known is set while this process is known to those who invalidate. Values that it fills before
	// could not be named by them.
	known atomic.Bool
	// seats are those of the calls that responses wait for. There are fewer than connections, so that
	// nobody who has one waits for a connection.
	seats chan struct{}
	// full is until when Redis is taken to have no room, in Unix milliseconds.
	full atomic.Int64
}

// allowance is the time that somebody may spend on waiting for Redis.
type allowance struct{ left atomic.Int64 }

func newAllowance(d time.Duration) *allowance {
	a := &allowance{}
	a.left.Store(int64(d))
	return a
}

// generation is a token in Redis that values are filled under.
type generation struct {
	key  string
	life time.Duration
}

func (r *remote) isAvailable() bool { return r.known.Load() && !r.breaker.isOpen() }

// seatsOf is how many calls responses may make at a time. With more the pool of connections would be what
// they wait for, and a process that is busy would take its own waiting for that of Redis.
func seatsOf(client redis.UniversalClient) int {
	size := 0
	switch client := client.(type) {
	case *redis.Client:
		size = client.Options().PoolSize
	case *redis.ClusterClient:
		size = client.Options().PoolSize // of each node
	}
	return max(1, size-fillers)
}

// seatWait bounds how long a response waits for a seat, in budgets. While Redis answers the queue moves on;
// when it does not, the breaker opens and nobody waits.
const seatWait = 4

// sit waits for a seat. That is no fault of Redis, and costs the allowance nothing.
func (r *remote) sit(ctx context.Context, a *allowance) bool {
	select {
	case r.seats <- struct{}{}:
		return true
	default:
	}
	enough := time.NewTimer(seatWait * time.Duration(a.left.Load()))
	defer enough.Stop()
	select {
	case r.seats <- struct{}{}:
		return true
	case <-r.breaker.opened():
	case <-enough.C:
		r.observer.Dropped("lookup", 1)
	case <-ctx.Done():
	}
	return false
}

func (r *remote) rise() { <-r.seats }

// ask is do for a call that a response waits for.
func (r *remote) ask(ctx context.Context, a *allowance, call string, f func(ctx context.Context) error) bool {
	if a.left.Load() <= 0 || !r.isAvailable() || !r.sit(ctx, a) {
		return false
	}
	defer r.rise()
	return r.do(ctx, a, call, f)
}

// do makes one call within what is left of the allowance. It says whether Redis did it.
func (r *remote) do(ctx context.Context, a *allowance, call string, f func(ctx context.Context) error) bool {
	left := time.Duration(a.left.Load())
	if left <= 0 || !r.isAvailable() {
		return false
	}
	start := r.now()
	// A client that goes away in the middle would cost the pool a connection.
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), left)
	err := f(limited)
	cancel()
	took := r.now().Sub(start)
	a.left.Add(-int64(took))
	r.breaker.report(!isAway(err))
	r.observer.Called(call, took, err != nil)
	return err == nil
}

// isAway tells an error of Redis as a whole from the refusal of one command. A full Redis refuses to
// write, and goes on reading.
func isAway(err error) bool {
	if err == nil || errors.Is(err, redis.Nil) {
		return false
	}
	return !strings.HasPrefix(err.Error(), "WRONGTYPE ") && !hasNoRoom(err)
}

// hasNoRoom tells that Redis refused a write for want of memory; a script that does so says more.
func hasNoRoom(err error) bool {
	return err != nil && strings.Contains(err.Error(), "OOM command not allowed")
}

// fullFor is for how long Redis is not asked to write where it need not, after it had no room.
const fullFor = time.Second

func (r *remote) isFull() bool {
	until := r.full.Load()
	return until > 0 && r.now().UnixMilli() < until
}

// read gives what lies at keys, "" for nothing.
func (r *remote) read(ctx context.Context, a *allowance, keys []string) (values []string, ok bool) {
	values = make([]string, len(keys))
	ok = r.ask(ctx, a, "read", func(ctx context.Context) error {
		if len(keys) == 1 { // its answer is no list
			v, err := r.client.Get(ctx, keys[0]).Result()
			if isAway(err) {
				return err
			}
			values[0] = v
			return nil
		}
		if r.single {
			found, err := r.client.MGet(ctx, keys...).Result()
			for i, v := range found {
				values[i], _ = v.(string)
			}
			return err
		}
		commands := make([]*redis.StringCmd, len(keys))
		_, err := r.client.Pipelined(ctx, func(p redis.Pipeliner) error {
			for i, k := range keys {
				commands[i] = p.Get(ctx, k)
			}
			return nil
		})
		if isAway(err) {
			return err
		}
		for i, c := range commands {
			v, err := c.Result()
			if isAway(err) {
				return err
			}
			values[i] = v
		}
		return nil
	})
	return values, ok
}

// eval adds a script to a pipeline: once for all keys, or once for each.
type eval struct {
	keys     []string
	commands []*redis.Cmd
}

func (r *remote) eval(ctx context.Context, p redis.Pipeliner, script string, keys []string, shared, perKey []any) *eval {
	e := &eval{keys: keys}
	if len(keys) == 0 {
		return e
	}
	if r.single {
		e.commands = []*redis.Cmd{p.Eval(ctx, script, keys, append(slices.Clip(shared), perKey...)...)}
		return e
	}
	each := len(perKey) / len(keys)
	for i := range keys {
		args := append(slices.Clip(shared), perKey[i*each:(i+1)*each]...)
		e.commands = append(e.commands, p.Eval(ctx, script, keys[i:i+1], args...))
	}
	return e
}

// results are one per key, or an error.
func (e *eval) results() ([]any, error) {
	out := make([]any, 0, len(e.keys))
	for _, c := range e.commands {
		some, err := c.Slice()
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	if len(out) != len(e.keys) {
		return nil, errors.New("a script answered for other keys")
	}
	return out, nil
}

// wish is a key that shall be loaded, and what was seen there.
type wish struct {
	key   string
	seen  string
	token token
}

const secondLease = "2"

// lease asks for the right to load keys; it deletes what could not be read, and makes generations
// that are missing. The answers are as those of leaseScript, in the order of wishes.
func (r *remote) lease(ctx context.Context, call string, a *allowance, now int64, wishes []wish, broken []string, missing []generation) (answers []any, tokens []string, ok bool) {
	ok = r.ask(ctx, a, call, func(ctx context.Context) error {
		var leases, fresh *eval
		_, err := r.client.Pipelined(ctx, func(p redis.Pipeliner) error {
			for _, k := range broken {
				p.Del(ctx, k)
			}
			names, made := make([]string, len(missing)), make([]any, 0, 2*len(missing))
			for i, g := range missing {
				t := newToken()
				names[i] = g.key
				made = append(made, t[:], g.life.Milliseconds())
			}
			fresh = r.eval(ctx, p, generationScript, names, nil, made)
			keys, args := make([]string, len(wishes)), make([]any, 0, 2*len(wishes))
			for i := range wishes {
				keys[i] = wishes[i].key
				args = append(args, wishes[i].seen, wishes[i].token[:])
			}
			leases = r.eval(ctx, p, leaseScript, keys, []any{now, r.timing.Lease.Milliseconds(), now + r.timing.Claim.Milliseconds()}, args)
			return nil
		})
		if hasNoRoom(err) {
			r.full.Store(r.now().Add(fullFor).UnixMilli())
		}
		if err != nil {
			return err
		}
		if answers, err = leases.results(); err != nil {
			return err
		}
		found, err := fresh.results()
		for _, v := range found {
			t, _ := v.(string)
			tokens = append(tokens, t)
		}
		return err
	})
	return answers, tokens, ok
}

// filling is a value for a key, "" to give the lease or the claim back.
type filling struct {
	space *Space
	key   string
	token token // of the lease or of the value that it replaces
	value string
	life  int64 // ms
}

// fill writes values where their leases stand, and tells of it.
func (r *remote) fill(ctx context.Context, a *allowance, all []filling) {
	keys, args := make([]string, len(all)), make([]any, 0, 3*len(all))
	for i := range all {
		f := &all[i]
		keys[i] = f.key
		args = append(args, f.token[:], f.value, f.life)
	}
	var written []any
	r.do(ctx, a, "fill", func(ctx context.Context) error {
		var filled *eval
		_, err := r.client.Pipelined(ctx, func(p redis.Pipeliner) error {
			filled = r.eval(ctx, p, fillScript, keys, nil, args)
			return nil
		})
		if err == nil {
			written, err = filled.results()
		}
		return err
	})
	tellFilled(r.observer, all, written)
}

// tellFilled adds up per space: fillings come batch by batch.
func tellFilled(o Observer, all []filling, written []any) {
	for from := 0; from < len(all) && written != nil; {
		space, values, bytes, lost := all[from].space, 0, 0, 0
		for ; from < len(all) && all[from].space == space; from++ {
			switch n, _ := written[from].(int64); {
			case n == 1:
				values++
				bytes += len(all[from].value)
			case all[from].value != "":
				lost++
			}
		}
		o.Filled(space.name, values, bytes, lost)
	}
}

// prober closes the breaker when Redis takes a write again.
type prober struct {
	remote *remote
	key    string
	budget time.Duration
	every  time.Duration
	stop   <-chan struct{}
}

func (p *prober) run() {
	tick := time.NewTicker(p.every)
	defer tick.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-tick.C:
		}
		ctx, cancel := context.WithTimeout(context.Background(), p.budget)
		err := p.remote.client.Set(ctx, p.key, "1", time.Second).Err()
		cancel()
		if !isAway(err) {
			p.remote.breaker.set(false)
			return
		}
	}
}
