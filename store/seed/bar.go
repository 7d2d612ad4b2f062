package seed

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"
)

// Show shows progress where it can be seen: as a bar if out is a terminal, as lines of the log
// otherwise. now is the clock; what is the subject of a line ("demo catalogue").
func Show(out io.Writer, isTerminal bool, log *slog.Logger, what string, now func() time.Time) Progress {
	if isTerminal {
		return bar(out, what, now)
	}
	return lines(log, what, now)
}

const (
	barWidth = 28
	// barEvery and linesEvery keep the output from being most of the work.
	barEvery   = 100 * time.Millisecond
	linesEvery = 3 * time.Second
)

// bar draws a progress bar with rate and remaining time on a terminal, in one line that it writes
// again and again.
func bar(out io.Writer, what string, now func() time.Time) Progress {
	width := 0
	return paced(barEvery, now, func(m meter) {
		filled := int(int64(barWidth) * m.done / max(m.total, 1))
		line := fmt.Sprintf("%s [%s%s] %3d %% of %s %s, %s/s", what,
			strings.Repeat("█", filled), strings.Repeat("·", barWidth-filled),
			100*m.done/max(m.total, 1), grouped(m.total), m.phase, grouped(m.rate()))
		if m.done < m.total && m.done > 0 {
			line += fmt.Sprintf(", %s left", m.left().Round(time.Second))
		}
		blank := max(0, width-len([]rune(line))) // of what a longer line has left behind
		width = len([]rune(line))
		end := ""
		if m.done == m.total {
			end, width = "\n", 0
		}
		_, _ = fmt.Fprintf(out, "\r%s%s%s", line, strings.Repeat(" ", blank), end)
	})
}

// lines logs progress every few seconds, and the end of each phase.
func lines(log *slog.Logger, what string, now func() time.Time) Progress {
	return paced(linesEvery, now, func(m meter) {
		log.Info("seeding "+what, "phase", string(m.phase), "done", m.done, "total", m.total,
			"per_second", m.rate(), "elapsed", m.elapsed.Round(time.Millisecond))
	})
}

// meter is a moment of a phase.
type meter struct {
	phase       Phase
	done, total int64
	elapsed     time.Duration // since the phase began
}

func (m meter) rate() int64 {
	return int64(float64(m.done) / max(m.elapsed.Seconds(), 0.001))
}

func (m meter) left() time.Duration {
	return time.Duration(float64(m.elapsed) * float64(m.total-m.done) / float64(m.done))
}

// paced passes on progress at most once in a while, the ends of phases always, and indexes only
// when the rows are in: shards go from one phase to the next each at its own time.
func paced(every time.Duration, now func() time.Time, show func(meter)) Progress {
	start, last := now(), time.Time{}
	loaded := false
	var indexing time.Time
	return func(p Phase, done, total int64) {
		at := now()
		begun := start
		if p == Indexing {
			if !loaded {
				return
			}
			if indexing.IsZero() {
				indexing = at
			}
			begun = indexing
		}
		loaded = loaded || done == total
		if done < total && at.Sub(last) < every {
			return
		}
		last = at
		show(meter{p, done, total, at.Sub(begun)})
	}
}

// grouped writes a number with commas.
func grouped(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
