package seed

import (
	"bytes"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"
)

// steps is a clock that goes on by the same step at each look.
func steps(step time.Duration) func() time.Time {
	at := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	return func() time.Time {
		at = at.Add(step)
		return at
	}
}

func TestBar(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	draw := bar(&out, "demo", steps(50*time.Millisecond))
	for i := range int64(40) {
		draw(Loading, (i+1)*1000, 40_000)
		if i%10 == 0 {
			draw(Indexing, i/10, 5) // a shard that is ahead of the others
		}
	}
	draw(Indexing, 4, 5)
	draw(Indexing, 5, 5)
	text := out.String()
	if n := strings.Count(text, "\r"); n < 15 || n > 25 {
		t.Errorf("%d draws in 2.2 seconds", n)
	}
	if n := strings.Count(text, "\n"); n != 2 {
		t.Errorf("%d lines, want one for each phase", n)
	}
	draws := strings.Split(strings.TrimSuffix(text, "\n"), "\r")
	if want := "demo [████████████████████████████] 100 % of 40,000 rows, 18,181/s"; !slices.ContainsFunc(draws, func(s string) bool { return strings.HasPrefix(s, want) }) {
		t.Errorf("no draw begins with %q:\n%s", want, strings.Join(draws, "\n"))
	}
	if !strings.Contains(draws[len(draws)/2], "1s left") {
		t.Errorf("in the middle it says %q", draws[len(draws)/2])
	}
	// A shorter line must blot out the longer one before it.
	var screen []rune
	for _, draw := range draws {
		line := []rune(strings.TrimSuffix(draw, "\n"))
		screen = append(line, screen[min(len(line), len(screen)):]...)
		if seen := strings.TrimRight(string(screen), " "); seen != strings.TrimRight(string(line), " ") {
			t.Errorf("%q shows as %q", string(line), seen)
		}
		if strings.HasSuffix(draw, "\n") {
			screen = nil
		}
	}
}

func TestBarOfNothing(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	bar(&out, "demo", steps(0))(Loading, 0, 0)
	if !strings.HasSuffix(out.String(), "\n") {
		t.Errorf("got %q", out.String())
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	show := lines(log, "demo catalogue", steps(time.Second/2))
	for i := range int64(20) {
		show(Loading, (i+1)*100, 2000)
	}
	show(Indexing, 1, 1)
	got := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(got) < 4 || len(got) > 6 {
		t.Errorf("%d lines in ten seconds:\n%s", len(got), out.String())
	}
	for _, want := range []string{"phase=rows done=2000 total=2000 per_second=200", "phase=indexes done=1 total=1"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no line has %q:\n%s", want, out.String())
		}
	}
}

func TestShowKeepsBarsOutOfFiles(t *testing.T) {
	t.Parallel()
	for _, isTerminal := range []bool{false, true} {
		var out, log bytes.Buffer
		Show(&out, isTerminal, slog.New(slog.NewTextHandler(&log, nil)), "demo", steps(time.Second))(Loading, 1, 1)
		if (out.Len() > 0) != isTerminal || (log.Len() > 0) == isTerminal {
			t.Errorf("terminal %v: it got %q, the log %q", isTerminal, out.String(), log.String())
		}
	}
}

func TestGrouped(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := grouped(n); got != want {
			t.Errorf("%d is written %s", n, got)
		}
	}
}
