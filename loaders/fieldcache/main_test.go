package fieldcache_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/tinylib/msgp/msgp"
	"go.uber.org/goleak"

	"backline/loaders/fieldcache"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if shared.server != nil {
		shared.server.end()
	}
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// album is a row as the generator would write its codec.
type album struct {
	ID    int64
	Title string
	Year  int32
}

func appendAlbum(b []byte, a *album) []byte {
	b = msgp.AppendArrayHeader(b, 3)
	b = msgp.AppendInt64(b, a.ID)
	b = msgp.AppendString(b, a.Title)
	return msgp.AppendInt32(b, a.Year)
}

var errColumns = errors.New("another number of columns")

func readAlbum(b []byte, a *album) ([]byte, error) {
	n, b, err := msgp.ReadArrayHeaderBytes(b)
	if err == nil && n != 3 {
		err = errColumns
	}
	if err == nil {
		a.ID, b, err = msgp.ReadInt64Bytes(b)
	}
	if err == nil {
		a.Title, b, err = msgp.ReadStringBytes(b)
	}
	if err == nil {
		a.Year, b, err = msgp.ReadInt32Bytes(b)
	}
	return b, err
}

var albumCodec = fieldcache.CodecOf(appendAlbum, readAlbum)

// patience bounds every wait. Only a failure reaches it.
const patience = 3 * time.Minute

// clock is time that tests let pass. It goes on by itself as well, so that what waits ends.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time          { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }

// table stands for what is behind the cache.
type table struct {
	mu    sync.Mutex
	rows  map[int64]album
	err   error
	loads atomic.Int64 // keys
	// slow is called in every load, after the rows have been read.
	slow func()
}

func newTable(n int) *table {
	t := &table{rows: map[int64]album{}}
	for i := range n {
		t.rows[int64(i+1)] = album{ID: int64(i + 1), Title: "first", Year: 2000}
	}
	return t
}

func (t *table) set(id int64, title string) {
	t.mu.Lock()
	t.rows[id] = album{ID: id, Title: title, Year: 2000}
	t.mu.Unlock()
}

func (t *table) fail(err error) {
	t.mu.Lock()
	t.err = err
	t.mu.Unlock()
}

func (t *table) load(_ context.Context, ids []int64) ([]any, []error) {
	t.loads.Add(int64(len(ids)))
	values, errs := make([]any, len(ids)), make([]error, len(ids))
	t.mu.Lock()
	for i, id := range ids {
		errs[i] = t.err
		if row, ok := t.rows[id]; ok && t.err == nil {
			values[i] = &row
		}
	}
	slow := t.slow
	t.mu.Unlock()
	if slow != nil {
		slow()
	}
	return values, errs
}

// fixture is a cache with what it observes.
type fixture struct {
	*fieldcache.Cache
	*recorder
	t     testing.TB
	table *table
	clock *clock
	local bool // has an L1
}

type options struct {
	namespace string
	client    redis.UniversalClient
	table     *table
	clock     *clock
	policy    fieldcache.Policy
	config    func(c *fieldcache.Config)
	space     func(c *fieldcache.SpaceConfig)
	cold      bool // do not wait for Redis
}

// namespace is the same in one run of a test, and another in the next.
func namespace(t testing.TB) string {
	n, _ := namespaces.LoadOrStore(t, t.Name()+strconv.FormatInt(time.Now().UnixNano(), 36))
	return n.(string)
}

var namespaces sync.Map

var minute = fieldcache.Policy{TTL: time.Minute}

func setup(t testing.TB, o options) *fixture {
	t.Helper()
	if o.namespace == "" {
		o.namespace = namespace(t)
	}
	if o.client == nil {
		o.client = sharedRedis(t).client(t)
	}
	if o.table == nil {
		o.table = newTable(100)
	}
	if o.clock == nil {
		o.clock = &clock{}
	}
	if o.policy.TTL == 0 {
		o.policy = minute
	}
	f := &fixture{recorder: &recorder{counts: map[string]int{}}, t: t, table: o.table, clock: o.clock}
	private := o.policy
	private.Scope = fieldcache.Private
	c := fieldcache.Config{
		Redis: o.client, Schema: "s1", Namespace: o.namespace, LocalBytes: 16 << 20, Clock: o.clock.now, Observer: f.recorder,
		// Tests run beside others: what production gives up after moments would be given up in the middle of them.
		Budget: time.Minute, LeaseWait: time.Minute, Timing: fieldcache.PatientTiming(),
		Spaces: []fieldcache.SpaceConfig{
			{Name: "Album", Policy: o.policy, Codec: albumCodec},
			{Name: "Artist.albums", Policy: o.policy, Codec: albumCodec, Variants: true},
			{Name: "Query.me", Policy: private, Codec: albumCodec},
		},
	}
	if o.space != nil {
		o.space(&c.Spaces[0])
	}
	if o.config != nil {
		o.config(&c)
	}
	f.local = c.LocalBytes > 0
	var err error
	if f.Cache, err = fieldcache.New(c); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	if !o.cold {
		f.ready()
	}
	return f
}

// ready waits until Redis is in use and the stream is heard.
func (f *fixture) ready() {
	f.t.Helper()
	f.until("the cache is in use", func() bool { return f.IsAvailable() && f.ServesLocally() == f.local })
}

func (f *fixture) until(what string, ok func() bool) {
	f.t.Helper()
	for deadline := time.Now().Add(patience); !ok(); {
		if time.Now().After(deadline) {
			f.t.Fatalf("waited in vain until %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}

// get reads through the cache as a loader would.
func (f *fixture) get(space, arguments, viewer string, ids ...int64) *fieldcache.Batch {
	f.t.Helper()
	r := f.Session(viewer).Round()
	defer r.Close()
	b := r.Add(f.Space(space), arguments, ids, f.table.load)
	for r.Next(f.t.Context()) {
		missed := make([]int64, len(b.Misses()))
		for i, at := range b.Misses() {
			missed[i] = ids[at]
		}
		values, errs := f.table.load(f.t.Context(), missed)
		for i := range missed {
			b.Put(i, values[i], errs[i])
		}
	}
	return b
}

// title is that of one album; "" if there is none.
func (f *fixture) title(id int64) string {
	f.t.Helper()
	return titleOf(f.t, f.get("Album", "", "", id))
}

func titleOf(t testing.TB, b *fieldcache.Batch) string {
	t.Helper()
	if b.Errs != nil && b.Errs[0] != nil {
		t.Fatal(b.Errs[0])
	}
	if b.Values[0] == nil {
		return ""
	}
	return b.Values[0].(*album).Title
}

func want[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// recorder adds up what an Observer hears.
type recorder struct {
	mu     sync.Mutex
	counts map[string]int
}

func (r *recorder) add(what string, n int) {
	r.mu.Lock()
	r.counts[what] += n
	r.mu.Unlock()
}

func (r *recorder) count(what string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.counts[what]
}

func (r *recorder) Looked(space string, local, redis, stale, joined, misses int) {
	r.add(space+" local", local)
	r.add(space+" redis", redis)
	r.add(space+" stale", stale)
	r.add(space+" joined", joined)
	r.add(space+" misses", misses)
}

func (r *recorder) Filled(space string, values, bytes, lost int) {
	r.add(space+" filled", values)
	r.add(space+" bytes", bytes)
	r.add(space+" lost", lost)
}

func (r *recorder) Refreshed(space string, values, failed int) {
	r.add(space+" refreshed", values)
	r.add(space+" refreshes failed", failed)
}
func (r *recorder) Discarded(space string, n int)    { r.add(space+" discarded", n) }
func (r *recorder) StaleIfError(space string, n int) { r.add(space+" rescued", n) }
func (r *recorder) Invalidated(space string, n int)  { r.add(space+" invalidated", n) }
func (r *recorder) Flushed(reason string)            { r.add("flushed: "+reason, 1) }
func (r *recorder) Dropped(work string, n int)       { r.add("dropped "+work, n) }
func (r *recorder) Available(yes bool)               { r.add("available "+strconv.FormatBool(yes), 1) }
func (r *recorder) Called(call string, _ time.Duration, failed bool) {
	r.add("called "+call, 1)
	if failed {
		r.add("failed "+call, 1)
	}
}

func base36(id int64) string { return strconv.FormatInt(id, 36) }
