package store

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// A wait ends with the response, or at its time; the clock tells those who stand at its channel.
func TestWaitEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var clock watch
		defer clock.stop()
		response, leave := context.WithCancel(t.Context())
		var with, alone, early, late wait
		clock.begin(response, &with, time.Now().Add(time.Hour))
		clock.begin(t.Context(), &alone, time.Now().Add(time.Hour))
		clock.begin(t.Context(), &early, time.Now().Add(time.Second))
		clock.begin(t.Context(), &late, time.Now().Add(time.Minute))
		for _, w := range []*wait{&with, &alone, &early, &late} {
			select {
			case <-w.Done():
				t.Fatal("a wait is over when it begins")
			default:
			}
			if err := w.Err(); err != nil {
				t.Fatal(err)
			}
		}

		begun := time.Now()
		<-early.Done()
		if took := time.Since(begun); took < time.Second || took > time.Second+tick || !errors.Is(early.Err(), context.DeadlineExceeded) {
			t.Errorf("it is over after %v: %v", took, early.Err())
		}
		early.end()
		if !errors.Is(early.Err(), context.DeadlineExceeded) {
			t.Errorf("the reason has become %v", early.Err())
		}

		leave()
		if !errors.Is(with.Err(), context.Canceled) { // at once, whoever asks
			t.Errorf("the response has ended, and the wait says %v", with.Err())
		}
		<-with.Done()
		with.end()

		alone.end()
		<-alone.Done()
		if !errors.Is(alone.Err(), context.Canceled) {
			t.Errorf("it has ended, and says %v", alone.Err())
		}
		if late.Err() != nil {
			t.Errorf("of others' ends it hears %v", late.Err())
		}
		late.end()
		if len(clock.all) != 0 {
			t.Errorf("%d are still waiting", len(clock.all))
		}
	})
}

// The clock stands when nobody waits, and goes again.
func TestClockStands(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var clock watch
		for range 3 {
			var w wait
			clock.begin(t.Context(), &w, time.Now().Add(time.Second))
			<-w.Done()
			w.end()
			time.Sleep(3 * tick)
			synctest.Wait()
			if clock.ticking {
				t.Fatal("it goes on for nobody")
			}
		}
	})
}

func TestWaitHasTheEarlierDeadline(t *testing.T) {
	t.Parallel()
	var clock watch
	defer clock.stop()
	soon := time.Now().Add(time.Minute)
	response, leave := context.WithDeadline(t.Context(), soon)
	defer leave()
	for want, until := range map[time.Time]time.Time{soon: soon.Add(time.Hour), soon.Add(-time.Second): soon.Add(-time.Second)} {
		var w wait
		clock.begin(response, &w, until)
		if at, ok := w.Deadline(); !ok || !at.Equal(want) {
			t.Errorf("deadline %v, %t; want %v", at, ok, want)
		}
		w.end()
	}
}
