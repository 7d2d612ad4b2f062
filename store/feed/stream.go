package feed

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

const (
	// confirmEvery is how often the shard is told how far the sink is, when that has changed. What
	// is applied and not yet confirmed comes again after a crash.
	confirmEvery = 100 * time.Millisecond
	// reportEvery is how often it is told in any case, so that it knows that the reader lives.
	reportEvery = time.Second
)

// stream is a connection on which the shard sends its WAL, decoded.
type stream struct {
	conn     net.Conn
	frontend *pgproto3.Frontend
	queue    *queue
	decoder  *decoder
	// confirmed is the LSN up to which the sink has everything.
	confirmed atomic.Uint64
	// asked holds a token when the shard wants to hear at once.
	asked chan struct{}
	// farewell is that of timing.
	farewell time.Duration
}

// startStream asks the shard to send from where the slot stands, and takes c over.
func startStream(ctx context.Context, c *pgconn.PgConn, slot string, from LSN, q *queue, d *decoder, farewell time.Duration) (_ *stream, err error) {
	hijacked, err := c.Hijack()
	if err != nil {
		return nil, errors.Join(err, c.Close(ctx))
	}
	s := &stream{conn: hijacked.Conn, frontend: hijacked.Frontend, queue: q, decoder: d, asked: make(chan struct{}, 1), farewell: farewell}
	s.confirmed.Store(uint64(from))
	defer func() {
		if err != nil {
			err = errors.Join(err, s.conn.Close())
		}
	}()
	defer s.interruptible(ctx)()
	s.frontend.SendQuery(&pgproto3.Query{String: fmt.Sprintf(
		`START_REPLICATION SLOT "%s" LOGICAL %s (proto_version '1', publication_names '"%s"')`, slot, from, publication)})
	if err := s.frontend.Flush(); err != nil {
		return nil, fmt.Errorf("ask for the slot's changes: %w", err)
	}
	for {
		m, err := s.frontend.Receive()
		if err != nil {
			return nil, fmt.Errorf("wait for the slot's changes: %w", s.because(ctx, err))
		}
		switch m := m.(type) {
		case *pgproto3.CopyBothResponse:
			return s, nil
		case *pgproto3.ErrorResponse:
			return nil, fmt.Errorf("read from the slot: %w", pgconn.ErrorResponseToPgError(m))
		}
	}
}

// interruptible makes reads and writes fail when ctx ends, until the function that it returns is called.
func (s *stream) interruptible(ctx context.Context) (stop func()) {
	done := make(chan struct{})
	cancel := context.AfterFunc(ctx, func() {
		defer close(done)
		_ = s.conn.SetDeadline(time.Unix(1, 0)) // a connection that has no deadlines is closed already
	})
	return func() {
		if !cancel() {
			<-done
		}
	}
}

// because is the reason for which ctx ended, or err if it has not.
func (s *stream) because(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// run reads, applies and reports until one of them fails or ctx ends. At the end the shard is told
// what was applied.
func (s *stream) run(ctx context.Context, apply func(ctx context.Context, b *buffer) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for _, part := range []func(context.Context) error{
		s.receive,
		func(ctx context.Context) error { return s.applyAll(ctx, apply) },
		s.report,
	} {
		wg.Go(func() { cancel(part(ctx)) }) // the first cause counts
	}
	wg.Wait()
	s.leave()
	return context.Cause(ctx)
}

// leave confirms what was applied and says goodbye. It reads to the shard's goodbye: with changes
// unread in the socket its end would be a reset, and the confirmation be lost. The connection may be
// broken long since; then the shard has not heard, and sends it all again.
func (s *stream) leave() {
	defer s.conn.Close() //nolint:errcheck // nobody can do anything about it
	if s.conn.SetDeadline(time.Now().Add(s.farewell)) != nil || s.sendStatus() != nil {
		return
	}
	s.frontend.Send(&pgproto3.CopyDone{})
	if s.frontend.Flush() != nil {
		return
	}
	for {
		m, err := s.frontend.Receive()
		if err != nil {
			return
		}
		if _, ended := m.(*pgproto3.ReadyForQuery); ended {
			break
		}
	}
	s.frontend.Send(&pgproto3.Terminate{})
	_ = s.frontend.Flush()
}

func (s *stream) receive(ctx context.Context) error {
	defer s.interruptible(ctx)()
	for {
		m, err := s.frontend.Receive()
		if err != nil {
			return fmt.Errorf("read the shard's changes: %w", s.because(ctx, err))
		}
		switch m := m.(type) {
		case *pgproto3.CopyData:
			if err := s.copyData(ctx, m.Data); err != nil {
				return err
			}
		case *pgproto3.ErrorResponse:
			return fmt.Errorf("read the shard's changes: %w", pgconn.ErrorResponseToPgError(m))
		case *pgproto3.CopyDone, *pgproto3.CommandComplete:
			return errEnded
		}
	}
}

var errEnded = errors.New("the shard ended the feed, as it does when it shuts down")

// copyData reads what is inside the protocol of replication: w (WAL) or k (keepalive).
func (s *stream) copyData(ctx context.Context, data []byte) error {
	m := message{rest: data}
	switch kind := m.byte(); kind {
	case 'w':
		m.lsn()
		m.lsn()
		m.uint64()
		if m.err != nil {
			return fmt.Errorf("read the head of a change: %w", m.err)
		}
		return s.queue.put(ctx, func(b *buffer) error { return s.decoder.decode(m.rest, b) })
	case 'k':
		end := m.lsn()
		m.uint64()
		reply := m.byte() == 1
		if err := m.end(); err != nil {
			return fmt.Errorf("read a keepalive: %w", err)
		}
		if !s.decoder.open {
			// All that was committed before this place has been sent.
			if err := s.queue.put(ctx, func(b *buffer) error { b.end = max(b.end, end); return nil }); err != nil {
				return err
			}
		}
		if reply {
			signal(s.asked)
		}
		return nil
	default:
		return fmt.Errorf("there is no message %q in the protocol of replication", string(rune(kind)))
	}
}

func (s *stream) applyAll(ctx context.Context, apply func(ctx context.Context, b *buffer) error) error {
	next := &buffer{}
	for {
		b, err := s.queue.take(ctx, next)
		if err != nil {
			return err
		}
		if len(b.changes) > 0 {
			if err := apply(ctx, b); err != nil {
				return fmt.Errorf("apply %d changes: %w", len(b.changes), err)
			}
		}
		if end := uint64(b.end); end > s.confirmed.Load() {
			s.confirmed.Store(end)
		}
		next = b
	}
}

// report tells the shard how far the sink is.
func (s *stream) report(ctx context.Context) error {
	ticker := time.NewTicker(confirmEvery)
	defer ticker.Stop()
	told, silent := uint64(0), time.Duration(0)
	for {
		select {
		case <-s.asked:
		case <-ticker.C:
			silent += confirmEvery
			if s.confirmed.Load() == told && silent < reportEvery {
				continue
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		told, silent = s.confirmed.Load(), 0
		if err := s.sendStatus(); err != nil {
			return fmt.Errorf("confirm changes: %w", err)
		}
	}
}

// sendStatus is called by report, and by leave after it.
func (s *stream) sendStatus() error {
	at := s.confirmed.Load()
	m := make([]byte, 0, 40)
	m = append(m, 'd', 0, 0, 0, 4+1+3*8+8+1, 'r')
	for range 3 { // written, flushed, applied
		m = binary.BigEndian.AppendUint64(m, at)
	}
	m = binary.BigEndian.AppendUint64(m, 0) // the time here, which nobody reads
	_, err := s.conn.Write(append(m, 0))    // no answer is needed
	return err
}
