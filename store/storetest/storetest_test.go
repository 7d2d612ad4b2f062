package storetest_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"backline/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestClustersDoNotSeeEachOther(t *testing.T) {
	t.Parallel()
	var wg sync.WaitGroup
	for n := range 4 {
		wg.Go(func() {
			c := storetest.NewCluster(t, n+1)
			for i := range c.URLs {
				c.ExecOn(t, i, "INSERT INTO genre VALUES (1, $1)", strconv.Itoa(i)) // the second would collide
			}
		})
	}
	wg.Wait()
}

func TestDatabasesAreRemoved(t *testing.T) {
	t.Parallel()
	url := ""
	t.Run("all", func(t *testing.T) { // ends when its subtests have
		t.Run("one", func(t *testing.T) {
			t.Parallel()
			url = storetest.NewCluster(t, 1).URLs[0]
		})
	})
	c, err := pgx.Connect(t.Context(), url)
	if err == nil {
		c.Close(t.Context())
		t.Error("the database is still there")
	}
}

func TestRecorder(t *testing.T) {
	t.Parallel()
	var seen observer
	c := storetest.NewCluster(t, 1, storetest.WithObserver(&seen))
	r := c.Statements
	for _, call := range []storetest.Call{{Shard: "10", Loader: "B"}, {Shard: "2", Loader: "B"}, {Shard: "2", Loader: "B"}, {Shard: "0", Loader: "A"}} {
		ctx := r.StatementStart(t.Context(), call.Shard, call.Loader)
		if ctx.Value(key{}) != call.Loader {
			t.Error("the observer's context is lost")
		}
		r.StatementEnd(ctx, call.Shard, call.Loader, 1, time.Second, nil)
	}
	r.StatementEnd(t.Context(), "0", "A", 0, 0, errors.New("an error"))
	if got := r.String(); got != "A 0:1\nB 2:2 10:1" {
		t.Errorf("it says\n%s", got)
	}
	if r.Total() != 4 || r.Failed() != 1 || !slices.Equal(seen.ended, []string{"B", "B", "B", "A", "A"}) {
		t.Errorf("%d statements, %d failed; the observer saw %v", r.Total(), r.Failed(), seen.ended)
	}
	r.Reset()
	if r.Total() != 0 || r.String() != "" || len(maps.Clone(r.Counts())) != 0 {
		t.Error("it remembers")
	}
}

type key struct{}

type observer struct{ ended []string }

func (o *observer) StatementStart(ctx context.Context, _, loader string) context.Context {
	return context.WithValue(ctx, key{}, loader)
}

func (o *observer) StatementEnd(_ context.Context, _, loader string, _ int, _ time.Duration, _ error) {
	o.ended = append(o.ended, loader)
}

// BenchmarkNewCluster is what a test pays for shards of its own: 40 ms for one and 140 ms for four
// on two cores.
func BenchmarkNewCluster(b *testing.B) {
	storetest.NewCluster(b, 1) // starts the server and makes the template
	for _, shards := range []int{1, 2, 4} {
		b.Run(strconv.Itoa(shards), func(b *testing.B) {
			for b.Loop() {
				storetest.NewCluster(b, shards)
			}
		})
	}
}
