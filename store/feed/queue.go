package feed

import (
	"context"
	"sync"
)

// queue is between the goroutine that reads the connection and the one that calls the sink. While
// the sink works on one buffer the other fills, so that batches grow by themselves when the sink is
// slower than the shard, and nothing waits for a timer when it is not.
type queue struct {
	// limits of a buffer; a reader waits when one is reached.
	maxChanges, maxBytes int

	mu      sync.Mutex
	filling *buffer
	ready   chan struct{} // holds one token while there is something to take
	room    chan struct{} // holds one token after something was taken
}

func newQueue(maxChanges, maxBytes int) *queue {
	return &queue{
		maxChanges: maxChanges, maxBytes: maxBytes, filling: &buffer{},
		ready: make(chan struct{}, 1), room: make(chan struct{}, 1),
	}
}

// put lets f add to the buffer, waiting while it is full.
func (q *queue) put(ctx context.Context, f func(b *buffer) error) error {
	for {
		q.mu.Lock()
		if !q.full() {
			break
		}
		q.mu.Unlock()
		select {
		case <-q.room:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	defer q.mu.Unlock()
	err := f(q.filling)
	if q.full() || q.filling.end > 0 {
		signal(q.ready)
	}
	return err
}

func (q *queue) full() bool {
	return len(q.filling.changes) >= q.maxChanges || q.filling.size >= q.maxBytes
}

// take waits until a transaction has ended or the buffer is full, and swaps the buffer for an empty
// one.
func (q *queue) take(ctx context.Context, empty *buffer) (*buffer, error) {
	empty.reset()
	select {
	case <-q.ready:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	taken := q.filling
	q.filling = empty
	signal(q.room)
	return taken, nil
}

// signal leaves a token for whoever waits, or will.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
