package feed

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func follows(what ...string) func(*Config) {
	return func(c *Config) { c.Follows = what }
}

// polled waits until a feed has asked for the lock some times more: whatever it does about what it sees,
// it has done.
func polled(t *testing.T, f *Feed) {
	t.Helper()
	var last time.Time
	for range 4 {
		wait(t, "it has asked again", func() error {
			at := f.Status()[0].Seen
			if !at.After(last) {
				return fmt.Errorf("last at %v", last)
			}
			last = at
			return nil
		})
	}
}

func isStandby(t *testing.T, f *Feed, covers bool) {
	t.Helper()
	wait(t, "it stands by", func() error {
		if s := f.Status()[0]; s.State != Standby || !s.Read || s.Covers != covers {
			return fmt.Errorf("it is %+v", s)
		}
		return nil
	})
}

// TestFollowsMore: a process that makes more of changes takes the reader's place, and nobody takes it
// back. What was kept by those who were not told is flushed.
func TestFollowsMore(t *testing.T) {
	t.Parallel()
	s := setup(t, 1)
	older, _ := start(t, s.list, follows("a", "b"))
	reading(t, older)
	newer, told := start(t, s.list, follows("c", "b", "a"))
	reading(t, newer)
	told.waitForFlush(t, followedMore)
	isStandby(t, older, true)
	told.reset()

	another, anothers := start(t, s.list, follows("b", "c", "a"))
	isStandby(t, another, true)
	polled(t, older)
	polled(t, another)
	c := connect(t, s.URLs[0])
	run(t, c, "INSERT INTO parent VALUES (1)")
	told.waitFor(t, "0 parent insert 1")
	if newer.Status()[0].State != Reading || len(told.flushed()) > 0 || anothers.was("0 reading") {
		t.Errorf("the reader was ended: %+v", newer.Status())
	}

	another.Close()
	newer.Close()
	reading(t, older)
	if got := query[string](t, c, "SELECT array_to_string(follows, ' ') FROM feed_state"); got != "a b" {
		t.Errorf("it says that it follows %q", got)
	}
	again, toldAgain := start(t, s.list, follows("a", "b", "c"))
	reading(t, again)
	toldAgain.waitForFlush(t, followedMore)
}

// TestFollowsOther: of two that make different things of changes the one that came first goes on, and the
// other knows that it is not told all.
func TestFollowsOther(t *testing.T) {
	t.Parallel()
	s := setup(t, 1)
	one, _ := start(t, s.list, follows("a", "b"))
	reading(t, one)
	other, told := start(t, s.list, follows("b", "c"))
	isStandby(t, other, false)
	polled(t, other)
	if got := one.Status()[0]; got.State != Reading || !got.Covers {
		t.Errorf("it does not read any more: %+v", got)
	}
	one.Close()
	reading(t, other)
	told.waitForFlush(t, followedMore)
	back, _ := start(t, s.list, follows("a", "b"))
	isStandby(t, back, false)
}

// TestFollowsAnOlderState: a table of a version that did not write what it followed is completed, and
// nothing is taken for followed.
func TestFollowsAnOlderState(t *testing.T) {
	t.Parallel()
	s := setup(t, 1)
	f, _ := start(t, s.list, follows("a"))
	reading(t, f)
	f.Close()
	run(t, connect(t, s.URLs[0]), "ALTER TABLE feed_state DROP COLUMN follows")
	again, told := start(t, s.list, follows("a"))
	reading(t, again)
	told.waitForFlush(t, followedMore)
	if strings.Join(told.flushed(), ",") != "0 "+followedMore {
		t.Errorf("flushes: %q", told.flushed())
	}
}
