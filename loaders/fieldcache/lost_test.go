package fieldcache_test

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"

	"backline/loaders/fieldcache"
)

// interrupted fails from the call after so many deletions on.
type interrupted struct{ deletions atomic.Int64 }

var errInterrupted = errors.New("the connection is gone")

func (*interrupted) DialHook(next redis.DialHook) redis.DialHook { return next }

func (i *interrupted) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, c redis.Cmder) error {
		if c.Name() == "unlink" && i.deletions.Add(-1) < 0 {
			c.SetErr(&net.OpError{Op: "write", Err: errInterrupted})
			return c.Err()
		}
		return next(ctx, c)
	}
}

func (*interrupted) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// TestLossIsNotForgotten: where Redis has gone back to earlier numbers, all is forgotten and the numbers
// jump, also if the connection breaks before that is done and somebody calls again.
func TestLossIsNotForgotten(t *testing.T) {
	t.Parallel()
	s := ownRedis(t)
	client, broken := s.client(t), s.client(t)
	hook := &interrupted{}
	hook.deletions.Store(1 << 30)
	broken.AddHook(hook)
	space, state := namespace(t), "{"+namespace(t)+"}:state"
	v := fieldcache.NewInvalidator(broken, space, "s1")
	album := fieldcache.Ref{Space: "Album", ID: 1}
	for range 5 {
		if err := v.Invalidate(t.Context(), album); err != nil {
			t.Fatal(err)
		}
	}
	n, err := client.HGet(t.Context(), state, "n").Uint64()
	if err != nil {
		t.Fatal(err)
	}
	client.HSet(t.Context(), state, "n", n-3)

	hook.deletions.Store(1)
	if err := v.Invalidate(t.Context(), album); !errors.Is(err, errInterrupted) {
		t.Fatalf("got %v", err)
	}
	hook.deletions.Store(1 << 30)
	if err := v.Invalidate(t.Context(), album); err != nil {
		t.Fatal(err)
	}
	now, err := client.HGet(t.Context(), state, "n").Uint64()
	if err != nil || now <= n+fieldcache.Beyond {
		t.Errorf("the number is %d after %d, %v", now, n, err)
	}
	last, err := client.XRevRangeN(t.Context(), "{"+space+"}:stream", "+", "-", 1).Result()
	if err != nil || len(last) != 1 || last[0].Values["what"] != "*\n" {
		t.Errorf("said is %v, %v", last, err)
	}
}
