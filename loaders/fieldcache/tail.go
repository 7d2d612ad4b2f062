package fieldcache

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// listenBlock is how long Redis holds an answer back when there is nothing to say; Timing.Trust
	// bounds how long L1 goes without one.
	listenBlock   = 100 * time.Millisecond
	listenAtOnce  = 512
	listenAgain   = 50 * time.Millisecond // after a loss; doubled up to a second
	registerEvery = time.Hour             // schemas are forgotten after a day
)

// tail hears the stream of invalidations on a connection of its own. While it does, L1 serves.
type tail struct {
	cache      *Cache
	connection *redis.Conn
	number     uint64 // of the last entry
	promised   uint64 // the number that Redis has given out
	id         string // of the last entry
	registered time.Time
}

var (
	errLostNumber = errors.New("the stream began anew")
	errGap        = errors.New("entries of the stream are missing")
	errMalformed  = errors.New("an entry of the stream is malformed")
)

func (t *tail) run() {
	c, ctx := t.cache, t.cache.ctx
	again := listenAgain
	for ctx.Err() == nil {
		err := t.begin(ctx)
		for err == nil && ctx.Err() == nil {
			again = listenAgain
			err = t.listen(ctx)
		}
		// Nothing is served until it is heard again, and then nothing from before.
		c.local.heard.Store(0)
		if t.connection != nil {
			_ = t.connection.Close() // it is of no more use
			t.connection = nil
		}
		if ctx.Err() != nil {
			return
		}
		c.observer.Flushed(reason(err))
		select {
		case <-time.After(again):
			again = min(2*again, time.Second)
		case <-ctx.Done():
		}
	}
}

func reason(err error) string {
	for _, known := range []error{errLostNumber, errGap, errMalformed} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return "the connection was lost"
}

// begin connects, makes this process known, and starts with an empty L1 at the end of the stream.
func (t *tail) begin(ctx context.Context) error {
	c := t.cache
	ctx, cancel := context.WithTimeout(ctx, listenBlock+c.config.Timing.Trust)
	defer cancel()
	client, single := c.remote.client.(*redis.Client)
	if !single {
		var err error
		if client, err = c.remote.client.(*redis.ClusterClient).MasterForKey(ctx, c.inval.streamKey()); err != nil {
			return err
		}
	}
	t.connection = client.EphemeralConn()
	sent := c.clock()
	number, id, isNew, err := t.register(ctx)
	if err != nil {
		return err
	}
	if isNew {
		// Nobody named our values while we were not known, if there are any.
		if err := c.remote.client.Unlink(ctx, c.everything.key).Err(); err != nil {
			return err
		}
	}
	if t.promised > number {
		// Another Redis stands in for the one that we heard this from, and knows less.
		c.inval.learn(t.promised)
		if err := c.inval.Invalidate(ctx, Ref{}); err != nil {
			return err
		}
		if number, id, _, err = t.register(ctx); err != nil {
			return err
		}
	}
	t.number, t.promised, t.id, t.registered = number, number, id, sent
	c.local.flush()
	c.heard.begin(number)
	c.remote.known.Store(true)
	t.trustUntil(sent)
	return nil
}

func (t *tail) register(ctx context.Context) (number uint64, id string, isNew bool, err error) {
	v := t.cache.inval
	keys := []string{v.stateKey(), v.streamKey()}
	answer, err := t.connection.Eval(ctx, listenScript, keys, t.cache.clock().UnixMicro(), t.cache.config.Schema).Slice()
	if err != nil {
		return 0, "", false, fmt.Errorf("listen to invalidations: %w", err)
	}
	if len(answer) != 3 {
		return 0, "", false, errMalformed
	}
	text, _ := answer[0].(string)
	id, _ = answer[1].(string)
	added, _ := answer[2].(int64)
	number, err = strconv.ParseUint(text, 10, 64)
	return number, id, added == 1, err
}

// trustUntil lets L1 serve: all that was said before sent has been heard.
func (t *tail) trustUntil(sent time.Time) {
	t.cache.local.heard.Store(int64(sent.Add(t.cache.config.Timing.Trust).Sub(t.cache.start)))
}

// listen waits for the next entries, and sees that none are missing.
func (t *tail) listen(ctx context.Context) error {
	sent := t.cache.clock()
	if sent.Sub(t.registered) >= registerEvery {
		if _, _, _, err := t.register(ctx); err != nil {
			return err
		}
		t.registered = sent
	}
	ctx, cancel := context.WithTimeout(ctx, listenBlock+t.cache.config.Timing.Trust)
	defer cancel()
	v := t.cache.inval
	p := t.connection.Pipeline()
	read := p.XRead(ctx, &redis.XReadArgs{Streams: []string{v.streamKey(), t.id}, Count: listenAtOnce, Block: listenBlock})
	counted := p.HGet(ctx, v.stateKey(), numberField)
	_, _ = p.Exec(ctx) // each command has its own error
	streams, err := read.Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return err
	}
	heard := 0
	for _, s := range streams {
		for _, m := range s.Messages {
			if err := t.hear(m); err != nil {
				return err
			}
			heard++
		}
	}
	text, err := counted.Result()
	if errors.Is(err, redis.Nil) {
		return errLostNumber
	}
	if err != nil {
		return err
	}
	promised, err := strconv.ParseUint(text, 10, 64)
	switch {
	case err != nil:
		return errMalformed
	case promised < t.number:
		return errLostNumber
	case heard == 0 && t.promised > t.number:
		return errGap // what was given out long ago has not come
	}
	t.promised = promised
	if heard < listenAtOnce { // else more is waiting
		t.trustUntil(sent)
	}
	return nil
}

// hear takes one entry.
func (t *tail) hear(m redis.XMessage) error {
	text, _ := m.Values["n"].(string)
	number, err := strconv.ParseUint(text, 10, 64)
	what, ok := m.Values["what"].(string)
	if err != nil || !ok {
		return errMalformed
	}
	if number != t.number+1 {
		return errGap
	}
	t.number, t.id = number, m.ID
	refs := heardRefs(what)
	t.cache.forget(refs)
	t.cache.heard.hear(number, refs)
	return nil
}
