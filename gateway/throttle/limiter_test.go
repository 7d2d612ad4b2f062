package throttle

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// With n instances a client gets its budget, give or take n chunks.
func TestBudget(t *testing.T) {
	t.Parallel()
	for _, instances := range []int{1, 2, 4} {
		t.Run(strconv.Itoa(instances), func(t *testing.T) {
			t.Parallel()
			s := startRedis(t)
			var accounts []*Account
			for range instances {
				accounts = append(accounts, limiter(t, s.client(), "default=1000/400", nil).Account("v:1", ""))
			}
			const need = 7 * Point
			var spent, refused atomic.Int64
			one := func(a *Account) (Verdict, bool) {
				v, err := a.Take(t.Context(), need)
				if err != nil {
					t.Error(err)
				} else if v.OK {
					spent.Add(int64(need))
				} else {
					refused.Add(1)
				}
				return v, err == nil
			}
			start := time.Now()
			var drained atomic.Int64 // the time of the first refusal: from then on nothing flows over
			var refusals quiet
			var wg sync.WaitGroup
			for worker := range 8 {
				wg.Go(func() {
					for time.Since(start) < 2*time.Second || drained.Load() == 0 {
						v, ok := one(accounts[worker%instances])
						if !ok {
							return
						}
						if !v.OK {
							drained.CompareAndSwap(0, int64(time.Since(start)))
							refusals.note()
							<-time.After(min(v.Wait, 10*time.Millisecond))
						}
					}
				})
			}
			wg.Wait()
			refusals.note()
			sure := time.Since(start) - time.Duration(drained.Load()) - refusals.lost // what came in this time can be had now
			for _, a := range accounts {
				for v, ok := one(a); ok && v.OK; v, ok = one(a) {
					continue
				}
			}
			plan := accounts[0].plan
			budget := plan.Capacity + since(time.Since(start), plan.Restore, 1<<40)
			least := plan.Capacity + since(sure, plan.Restore, 1<<40)
			bound := Points(instances) * plan.Chunk()
			got := Points(spent.Load())
			t.Logf("spent %d of a budget of %d to %d, %d chunks are %d, %d refused", got, least, budget, instances, bound, refused.Load())
			if got > budget { // the bucket was full when it began, so no lease was held behind it
				t.Errorf("more than the budget")
			}
			if got < least-bound-Points(instances)*need {
				t.Errorf("less than the budget by more than the bound")
			}
			if refused.Load() == 0 {
				t.Error("nothing was refused")
			}
		})
	}
}

// quiet adds up the times in which nobody was refused for so long that the bucket may have flowed over: a
// machine that stands still takes nothing out of it.
type quiet struct {
	mu   sync.Mutex
	last time.Time
	lost time.Duration
}

func (q *quiet) note() {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	if gap := now.Sub(q.last); !q.last.IsZero() && gap > time.Second {
		q.lost += gap
	}
	q.last = now
}

// The worst case: all instances hold a lease while the bucket fills up behind them.
func TestLeasesBehindAFullBucket(t *testing.T) {
	t.Parallel()
	s := startRedis(t)
	const instances = 3
	var limiters []*Limiter
	for range instances {
		l := limiter(t, s.client(), "default=1000/1000000", nil)
		limiters = append(limiters, l)
		take(t, l.Account("v:1", ""), Point)
	}
	first := limiters[0].Account("v:1", "")
	bucket := redis.NewClient(&redis.Options{Addr: s.addr})
	defer bucket.Close()
	// Full again, as a client knows that waits; only the restore rate is slow from here on.
	slow, err := ParsePlans("default=1000/1")
	if err != nil {
		t.Fatal(err)
	}
	if err := bucket.Del(t.Context(), keyPrefix+first.id+"}").Err(); err != nil {
		t.Fatal(err)
	}
	began, spent := time.Now(), Points(0)
	for _, l := range limiters {
		a := l.Account("v:1", "")
		a.plan, a.at = slow.Of(""), time.Time{}
		for take(t, a, 5*Point).OK {
			spent += 5 * Point
		}
	}
	bound := 1000*Point + instances*first.plan.Chunk() + Points(back(began)+5)*Point
	if spent > bound || spent < 1000*Point {
		t.Errorf("spent %d of at most %d", spent, bound)
	}
}

// An instance asks Redis once for many requests, one after the other or all at once.
func TestFewCalls(t *testing.T) {
	t.Parallel()
	s := startRedis(t)
	client := s.client()
	l := limiter(t, client, "default=10000/500", nil)
	a := l.Account("v:1", "")
	for range 200 {
		if !take(t, a, 2*Point).OK {
			t.Fatal("refused")
		}
	}
	if n := client.calls.Load(); n > 6 { // 400 points in chunks of 200, the script's text once, and the hello
		t.Errorf("%d calls for 200 requests", n)
	}
	client.calls.Store(0)
	b := l.Account("v:2", "")
	s.signal(syscall.SIGSTOP) // so that all of them wait for the first call
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			if v, err := b.Take(t.Context(), 50*Point); err != nil || !v.OK {
				t.Errorf("got %v %v", v, err)
			}
		})
	}
	await(t, "100 requests to wait", func() bool { return b.waits() == 100 })
	s.signal(syscall.SIGCONT)
	wg.Wait()
	if n := client.calls.Load(); n > 6 {
		t.Errorf("%d calls for 100 requests at once", n)
	}
}

func (a *Account) waits() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.waiting)
}

// A client that has nothing left is told so from memory.
func TestRefusalsAskNobody(t *testing.T) {
	t.Parallel()
	s := startRedis(t)
	client := s.client()
	a := limiter(t, client, "default=100/1", stopped).Account("v:1", "")
	for v := take(t, a, 10*Point); v.OK; v = take(t, a, 10*Point) {
		continue
	}
	client.calls.Store(0)
	for range 1000 {
		v := take(t, a, 10*Point)
		if v.OK || v.Never || v.Wait <= 0 || v.Wait > 11*time.Second {
			t.Fatalf("got %+v", v)
		}
	}
	if n := client.calls.Load(); n > 10 {
		t.Errorf("%d calls for 1000 refusals", n)
	}
	if v := take(t, a, 101*Point); !v.Never || v.OK {
		t.Errorf("got %+v for more than the capacity", v)
	}
}

// What was not used comes back: first to the lease, what is too much for it to the bucket.
func TestRefund(t *testing.T) {
	t.Parallel()
	s := startRedis(t)
	l, other := limiter(t, s.client(), "default=1000/1", stopped), limiter(t, s.client(), "default=1000/1", stopped)
	a := l.Account("v:1", "")
	if !take(t, a, 900*Point).OK {
		t.Fatal("refused")
	}
	a.Give(850 * Point)
	if a.lease > a.plan.Chunk() {
		t.Errorf("the lease is %d", a.lease)
	}
	if got := a.Status().Available.Whole(); got < 949 || got > 951 {
		t.Errorf("%d available", got)
	}
	for range quietSweeps + 1 {
		l.sweep()
	}
	if a.lease != 0 || a.surplus != 0 {
		t.Errorf("%d and %d are kept", a.lease, a.surplus)
	}
	if v := take(t, other.Account("v:1", ""), 945*Point); !v.OK {
		t.Errorf("another instance has to wait %v", v.Wait)
	}
	for range staleSweeps {
		l.sweep()
	}
	if n := l.count.Load(); n != 0 {
		t.Errorf("%d accounts are remembered", n)
	}
}

// The budgets of clients and plans have nothing to do with each other.
func TestClientsAndPlans(t *testing.T) {
	t.Parallel()
	s := startRedis(t)
	l := limiter(t, s.client(), "default=100/1,partner=500/1", nil)
	for client, plan := range map[string]string{"v:1": "", "v:2": "", "k:1": "unknown", "k:2": "partner"} {
		a := l.Account(client, plan)
		if !take(t, a, 100*Point).OK || take(t, a, 100*Point).OK != (plan == "partner") {
			t.Errorf("%s with the plan %q", client, plan)
		}
	}
}

// Nothing of a client that is gone stays in Redis.
func TestBucketsExpire(t *testing.T) {
	t.Parallel()
	s := startRedis(t)
	l := limiter(t, s.client(), "default=100/1000", nil)
	a := l.Account("v:1", "")
	take(t, a, 50*Point)
	key := keyPrefix + a.id + "}"
	if ttl := l.redis.PTTL(t.Context(), key).Val(); ttl == -1 || ttl > 2*time.Second { // -1: never; -2: it has
		t.Errorf("expires in %v", ttl)
	}
	await(t, "the bucket to expire", func() bool { return l.redis.Exists(t.Context(), key).Val() == 0 })
}

// More clients than are remembered: the others are asked for one by one, and get no more.
func TestAccountsAreBounded(t *testing.T) {
	t.Parallel()
	s := startRedis(t)
	l := limiter(t, s.client(), "default=100/1", func(o *Options) { stopped(o); o.Accounts = 1 })
	take(t, l.Account("v:1", ""), Point)
	for range 10 {
		if !take(t, l.Account("v:2", ""), 10*Point).OK {
			t.Error("refused")
		}
	}
	a := l.Account("v:2", "")
	if take(t, a, 100*Point).OK { // as much as comes back in 100 seconds
		t.Error("not refused")
	}
	a.Give(50 * Point)
	l.sweep()
	if !take(t, l.Account("v:2", ""), 50*Point).OK {
		t.Error("what was returned is not there")
	}
	if n := l.count.Load(); n != 1 {
		t.Errorf("%d accounts are remembered", n)
	}
	l.away.Store(true)
	spent := 0
	for i := range 200 {
		if take(t, l.Account("v:"+strconv.Itoa(1000+i), ""), Point).OK {
			spent++
		}
	}
	if spent > 100 {
		t.Errorf("without Redis strangers get %d points", spent)
	}
	l.away.Store(false)
}

// A request that gives up takes nothing from the others, and keeps nothing.
func TestCancelled(t *testing.T) {
	t.Parallel()
	s := startRedis(t)
	l := limiter(t, s.client(), "default=100/1", stopped)
	a := l.Account("v:1", "")
	s.signal(syscall.SIGSTOP)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := a.Take(ctx, 90*Point); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
	await(t, "the first to wait", func() bool { return a.waits() == 1 })
	wg.Go(func() {
		if v, err := a.Take(t.Context(), 50*Point); err != nil || !v.OK {
			t.Errorf("got %v %v", v, err)
		}
	})
	await(t, "the second to wait", func() bool { return a.waits() == 2 })
	cancel()
	await(t, "the first to give up", func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		return a.waiting[0].gone
	})
	s.signal(syscall.SIGCONT)
	wg.Wait()
	if got := a.Status().Available.Whole(); got < 49 || got > 51 {
		t.Errorf("%d available", got)
	}
}

// The script runs on a node of a Redis Cluster, and on the stand-in that serves where there is no Redis.
func TestOtherServers(t *testing.T) {
	t.Parallel()
	t.Run("Cluster", func(t *testing.T) {
		t.Parallel()
		s := startRedis(t, "--cluster-enabled", "yes")
		node := s.client()
		if err := node.ClusterAddSlotsRange(t.Context(), 0, 16383).Err(); err != nil {
			t.Fatal(err)
		}
		await(t, "the cluster", func() bool { return node.Set(t.Context(), "x", 1, 0).Err() == nil })
		client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{s.addr}, ContextTimeoutEnabled: true})
		t.Cleanup(func() { client.Close() })
		spendAll(t, client)
	})
	t.Run("miniredis", func(t *testing.T) {
		t.Parallel()
		m := miniredis.RunT(t)
		client := redis.NewClient(&redis.Options{Addr: m.Addr()})
		t.Cleanup(func() { client.Close() })
		spendAll(t, client)
	})
}

func spendAll(t *testing.T, client redis.UniversalClient) {
	t.Helper()
	l := limiter(t, client, "default=1000/1", nil)
	for i := range 3 {
		began := time.Now()
		a, spent := l.Account("v:"+strconv.Itoa(i), ""), 0
		for take(t, a, 9*Point).OK {
			spent += 9
		}
		if spent < 990 || spent > 1000+back(began) {
			t.Errorf("spent %d of 1000", spent)
		}
		a.Give(100 * Point)
	}
	for range quietSweeps + 1 {
		l.sweep()
	}
	if l.Away() {
		t.Fatal("it went on alone")
	}
	if v := take(t, l.Account("v:1", ""), 100*Point); !v.OK {
		t.Errorf("what was returned is not there: %v", v.Wait)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	if _, err := New(Options{}); err == nil {
		t.Error("plans are not required")
	}
	l := limiter(t, nil, "default=100/1", func(o *Options) { stopped(o); o.Instances = 2 })
	a, spent := l.Account("v:1", ""), 0
	for take(t, a, 10*Point).OK {
		spent += 10
	}
	if !l.Away() || spent != 50 {
		t.Errorf("without Redis one instance of two gives %d points", spent)
	}
	if v := take(t, a, 80*Point); v.OK || v.Never || v.Wait < time.Second {
		t.Errorf("got %+v for more than the instance's part", v)
	}
}

func BenchmarkTake(b *testing.B) {
	plans, err := ParsePlans("default=1000000000/1000000000")
	if err != nil {
		b.Fatal(err)
	}
	l, err := New(Options{Plans: plans})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close(b.Context())
	h := map[string][]string{}
	b.ReportAllocs()
	for b.Loop() {
		a := l.Account("v:1", "")
		a.Take(b.Context(), Point)
		a.Take(b.Context(), Point)
		a.Give(Point)
		a.Status().SetHeaders(h, 0)
	}
}
