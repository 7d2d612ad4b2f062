package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"

	"backline/store/shard"
	"backline/test/fleet"
)

const (
	shards, servers = 4, 2
	// firstRow is behind all rows of a seed.
	firstRow = 1 << 30
	// healed bounds the time until all is as before the faults; a machine may be slow.
	healed = 5 * time.Minute
	// burst is how long a burst of operations and the quiet behind it take together.
	burst = 250 * time.Millisecond
	// soon is how long a load takes, roughly; on a slow machine as long as late.
	soon, late = 6 * time.Millisecond, 200 * time.Millisecond
)

// runner is one run.
type runner struct {
	options
	out     io.Writer
	fleet   *fleet.Fleet
	pools   []*pgxpool.Pool
	client  *redis.Client
	web     *http.Client
	began   time.Time
	marks   *marks
	groups  []*group
	faults  map[string]int
	started time.Duration // when operations began
	// within is how soon after it was asked a server is frozen that is to be overtaken: before it has
	// loaded, and not before it has begun to.
	within time.Duration

	operations, reads, writes, failed atomic.Int64
	mu                                sync.Mutex
	failures                          map[string]int // reads without an answer, by reason
}

// open starts the fleet and fills the shards.
func open(ctx context.Context, o options, out io.Writer) (_ *runner, err error) {
	r := &runner{options: o, out: out, within: soon, faults: map[string]int{}, failures: map[string]int{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close())
		}
	}()
	f := fleet.Options{
		Shards: shards, Servers: servers, Binary: o.binary, Idle: true,
		Flags: append([]string{
			"--throttle=off", "--max-cost=0", "--request-timeout=30s", "--drain-timeout=5s", "--limit-aliases=0", "--log-level=info",
		}, strings.Fields(o.cache)...),
	}
	if o.naive != "" {
		f.Edits, f.Env = naiveEdits, []string{naiveSwitch + "=" + o.naive}
	}
	if r.fleet, err = fleet.Open(ctx, f); err != nil {
		return r, err
	}
	for _, s := range r.fleet.Servers {
		if err := s.Start(ctx); err != nil { // one after the other: the first one migrates
			return r, err
		}
	}
	r.client = r.fleet.Redis.Client()
	r.web = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: o.readers}, Timeout: time.Minute}
	if r.pools, err = openPools(ctx, r.fleet, o.writers+2); err != nil {
		return r, err
	}
	r.began = time.Now()
	r.marks = newMarks(r.pools, r.client, r.since)
	return r, r.fill(ctx)
}

func (r *runner) since() time.Duration { return time.Since(r.began) }

func (r *runner) tell(format string, values ...any) {
	if r.verbose {
		fmt.Fprintf(r.out, format+"\n", values...)
	}
}

// fill writes the first rows of all groups.
func (r *runner) fill(ctx context.Context) error {
	topology, err := shard.Even(shards)
	if err != nil {
		return err
	}
	for i, p := range r.pools {
		if _, err := p.Exec(ctx, fmt.Sprintf("INSERT INTO media_type (id, name) VALUES (%d, 'all')", mediaType)); err != nil {
			return fmt.Errorf("fill shard %d: %w", i, err)
		}
	}
	for n := range r.options.groups {
		g := newGroup(n, firstRow+int64(n)*1000, topology)
		if _, err := r.pools[g.shard].Exec(ctx, g.fill()); err != nil {
			return fmt.Errorf("fill shard %d: %w", g.shard, err)
		}
		r.groups = append(r.groups, g)
	}
	return nil
}

func (r *runner) close() error {
	if r.client != nil {
		r.client.Close()
	}
	for _, p := range r.pools {
		p.Close()
	}
	if r.web != nil {
		r.web.CloseIdleConnections()
	}
	if r.fleet != nil {
		return r.fleet.Close()
	}
	return nil
}

// all is the whole run.
func (r *runner) all(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var listening sync.WaitGroup
	listening.Go(func() { r.marks.listen(ctx) })
	defer func() {
		cancel()
		listening.Wait()
	}()
	if r.options.lag > 0 {
		if err := r.measure(ctx); err != nil {
			return err
		}
	}
	if r.options.operations == 0 {
		return nil
	}
	err := r.operate(ctx)
	switch {
	case err == nil && r.naive != "":
		return fmt.Errorf("a server passes that leaves something out (%s): this run shows nothing", r.naive)
	case errors.Is(err, errStale) && r.naive != "":
		fmt.Fprintln(r.out, "found out, as it must be:", err)
		return nil
	}
	return err
}

// operate reads, writes and breaks, and judges what was read.
func (r *runner) operate(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var marking, breaking, working sync.WaitGroup
	defer marking.Wait()
	markCtx, endMarks := context.WithCancel(ctx)
	defer endMarks()
	fail := func(err error) {
		if err != nil {
			cancel(err)
		}
	}
	marking.Go(func() { fail(r.marks.run(markCtx)) })
	calm, well := context.WithCancel(ctx)
	if !r.calm {
		breaking.Go(func() { fail(r.breakThings(calm)) })
	}
	r.started = r.since()
	read, endReads := context.WithCancel(ctx)
	for n := range r.readers {
		working.Go(func() { fail(r.readAll(read, uint64(n))) })
	}
	fail(r.writeAll(ctx))
	well()
	breaking.Wait()
	ended := r.since()
	fail(r.last(ctx))
	for r.naive == "leases" && ctx.Err() == nil && r.since()-ended < healed { // what nothing protects goes wrong some of the times
		r.within = min(2*r.within, late)
		fail(r.last(ctx))
	}
	endReads()
	working.Wait()
	endMarks()
	marking.Wait()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return r.judge(ended)
}

// writeAll ends when there have been enough operations.
func (r *runner) writeAll(ctx context.Context) error {
	errs := make([]error, r.writers)
	var wg sync.WaitGroup
	for n := range r.writers {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(r.seed, 1000+uint64(n)))
			zipf := rand.NewZipf(rnd, 1.1, 4, uint64(len(r.groups)-1))
			for errs[n] == nil && ctx.Err() == nil && r.operations.Load() < int64(r.options.operations) {
				if r.isDue(&r.writes, r.share) {
					errs[n] = r.write(ctx, r.groups[zipf.Uint64()], rnd)
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// isDue says whether there may be one more operation of a sort, which has a share of all, per cent. If
// not it has waited a little.
func (r *runner) isDue(done *atomic.Int64, share int) bool {
	if r.pace == 0 {
		return true
	}
	bursts := int64((r.since()-r.started)/burst) + 1
	due := done.Load()*100 < bursts*int64(burst)*int64(r.pace)/int64(time.Second)*int64(share)
	if !due {
		time.Sleep(time.Millisecond)
	}
	return due
}

// write is one transaction: mostly one statement, sometimes several, sometimes it is rolled back.
func (r *runner) write(ctx context.Context, g *group, rnd *rand.Rand) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := 1
	if rnd.IntN(4) == 0 {
		n = 2 + rnd.IntN(2)
	}
	var sql []string
	var some []change
	for _, i := range rnd.Perm(len(changes))[:n] {
		c := changes[i](g, rnd)
		some, sql = append(some, c), append(sql, c.sql)
	}
	end := "COMMIT"
	if rnd.IntN(20) == 0 {
		end = "ROLLBACK"
	}
	call := r.since()
	text := strings.Join(sql, "; ")
	if n > 1 || end == "ROLLBACK" {
		text = "BEGIN; " + text + "; " + end
	}
	// Without the end of ctx: it would not be known what has happened.
	if _, err := r.pools[g.shard].Exec(context.WithoutCancel(ctx), text); err != nil {
		return fmt.Errorf("run %q: %w", text, err)
	}
	returns := r.since()
	r.writes.Add(1)
	r.operations.Add(1)
	if end == "ROLLBACK" {
		return nil
	}
	for _, c := range some {
		c.apply()
	}
	for _, of := range g.registers {
		if now := of.value(g, of.id.ID); now != of.current {
			of.current = now
			of.record(operation{write: true, value: now, call: call, returns: returns})
		}
	}
	return nil
}

// readAll asks until ctx ends.
func (r *runner) readAll(ctx context.Context, n uint64) error {
	rnd := rand.New(rand.NewPCG(r.seed, 2000+n))
	zipf := rand.NewZipf(rnd, 1.1, 4, uint64(len(r.groups)-1))
	for ctx.Err() == nil {
		if !r.isDue(&r.reads, 100-r.share) {
			continue
		}
		g := r.groups[zipf.Uint64()]
		some := make([]*register, 1+rnd.IntN(6))
		for i := range some {
			if rnd.IntN(3) == 0 {
				g = r.groups[zipf.Uint64()]
			}
			some[i] = g.registers[rnd.IntN(len(g.registers))]
		}
		if err := r.read(ctx, rnd.IntN(servers), some, nil); err != nil {
			return err
		}
	}
	return nil
}

// read asks a server for registers, in one request. Without found they are recorded.
func (r *runner) read(ctx context.Context, server int, some []*register, found func(of *register, value string)) error {
	var declared, fields []string
	variables := map[string]any{}
	for i, of := range some {
		v := fmt.Sprint("v", i)
		declared = append(declared, of.variable(v))
		fields = append(fields, fmt.Sprintf("a%d: "+of.query, i, v))
		variables[v] = of.argument()
	}
	query := "query (" + strings.Join(declared, ", ") + ") { " + strings.Join(fields, " ") + " }"
	call := r.since()
	answer, err := r.fleet.Servers[server].Ask(context.WithoutCancel(ctx), r.web, query, variables)
	returns := r.since()
	if err != nil {
		r.fail("no answer")
		pause(ctx, 5*time.Millisecond) // it is being started
		return nil
	}
	if len(answer.Errors) > 0 {
		r.fail(answer.Codes() + ": " + answer.Errors[0].Message)
		return nil
	}
	values, err := valuesOf(answer.Data)
	if err != nil {
		return fmt.Errorf("read the answer to %s: %w", query, err)
	}
	for i, of := range some {
		value, err := of.parse(values[fmt.Sprint("a", i)])
		if err != nil {
			return fmt.Errorf("read %s in the answer to %s: %w", of, query, err)
		}
		if found != nil {
			found(of, value)
			continue
		}
		of.record(operation{value: value, call: call, returns: returns, server: server})
		r.reads.Add(1)
		r.operations.Add(1)
	}
	return nil
}

func (r *runner) fail(reason string) {
	r.mu.Lock()
	r.failures[reason]++
	r.mu.Unlock()
	r.failed.Add(1)
}

func (r *runner) sayFailures() {
	for _, reason := range slices.Sorted(maps.Keys(r.failures)) {
		fmt.Fprintf(r.out, "  %3d requests: %s\n", r.failures[reason], reason)
	}
}
