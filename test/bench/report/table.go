package report

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
)

// WriteSubject writes what was measured, on what.
func (r *Results) WriteSubject(w io.Writer) {
	fmt.Fprintf(w, "\n%s\n%s\nrevision %s, started %s\n", r.Command, r.Machine, r.Commit, r.Started)
	for _, name := range slices.Sorted(maps.Keys(r.Versions)) {
		fmt.Fprintf(w, "%s: %s\n", name, r.Versions[name])
	}
	fmt.Fprintln(w)
	fmt.Fprint(w, "| server | what it is | versions |\n|:--|:--|:--|\n")
	for _, s := range r.Servers {
		fmt.Fprintf(w, "| %s | %s | %s |\n", s.Name, s.Title, s.Version)
	}
}

// WriteTables writes a table for each question as Markdown, which also reads well on a terminal.
func (r *Results) WriteTables(w io.Writer, titles map[string]string) {
	var queries []string
	var conns []int
	for _, c := range r.Cells {
		if !slices.Contains(queries, c.Query) {
			queries = append(queries, c.Query)
		}
		if !slices.Contains(conns, c.Connections) {
			conns = append(conns, c.Connections)
		}
	}
	slices.Sort(conns)
	for _, q := range queries {
		fmt.Fprintf(w, "\n### %s: %s\n\n", q, titles[q])
		var rows [][]string
		for _, n := range conns {
			for _, s := range r.Servers {
				if c := r.Cell(Key{s.Name, q, n}); c != nil {
					rows = append(rows, r.row(c))
				}
			}
		}
		writeTable(w, append([][]string{{
			"server", "conns", "req/s", "p50 ms", "p99 ms", "CPU µs", "server", "Postgres", "Redis", "share of limit", "req/s ÷ limit", "p50 ÷ limit",
		}}, rows...))
		fmt.Fprintln(w)
		rows = [][]string{{"server", "statements", "objects", "bytes", "answer bytes"}}
		for _, s := range r.Servers {
			if c := r.Count(s.Name, q); c != nil {
				objects, allocated := "", ""
				if c.Objects > 0 {
					objects, allocated = fmt.Sprintf("%.0f", c.Objects), fmt.Sprintf("%.0f", c.Allocated)
				}
				rows = append(rows, []string{s.Name, fmt.Sprintf("%.4g", c.Statements), objects, allocated, fmt.Sprint(c.Bytes)})
			}
		}
		writeTable(w, rows)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Missing)) {
		fmt.Fprintf(w, "\nMissing: %s (%s)\n", name, r.Missing[name])
	}
	for _, name := range slices.Sorted(maps.Keys(r.Failed)) {
		fmt.Fprintf(w, "\nFailed under load: %s (%s)\n", name, r.Failed[name])
	}
}

func (r *Results) row(c *Cell) []string {
	m := c.Median
	return []string{
		c.Server, fmt.Sprint(c.Connections), fmt.Sprintf("%.0f", m.PerSecond),
		fmt.Sprintf("%.2f", m.P50/1e3), fmt.Sprintf("%.2f", m.P99/1e3),
		fmt.Sprintf("%.0f", m.CPU()), fmt.Sprintf("%.0f", m.Server), fmt.Sprintf("%.0f", m.Postgres), fmt.Sprintf("%.0f", m.Redis),
		ratio(r.CPURatio(c.Key)), ratio(r.ThroughputRatio(c.Key)), ratio(r.LatencyRatio(c.Key)),
	}
}

func ratio(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return fmt.Sprintf("%.2f", v)
}

// writeTable aligns the columns: the first to the left, the others, which are numbers, to the right.
func writeTable(w io.Writer, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	line := func(cells []string) {
		for i, cell := range cells {
			pad := strings.Repeat(" ", widths[i]-len([]rune(cell)))
			if i == 0 {
				fmt.Fprint(w, "| ", cell, pad, " |")
			} else {
				fmt.Fprint(w, " ", pad, cell, " |")
			}
		}
		fmt.Fprintln(w)
	}
	line(rows[0])
	for i, n := range widths {
		switch i {
		case 0:
			fmt.Fprint(w, "|:", strings.Repeat("-", n+1), "|")
		default:
			fmt.Fprint(w, strings.Repeat("-", n+1), ":|")
		}
	}
	fmt.Fprintln(w)
	for _, row := range rows[1:] {
		line(row)
	}
}
