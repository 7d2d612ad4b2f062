package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"slices"
)

// The chart has a panel for each question and a bar for each server: its share of the limit's
// speed, by the CPU time of server and Postgres at 16 connections.
const (
	chartWidth  = 720
	labelWidth  = 150
	valueWidth  = 130
	barHeight   = 14
	rowHeight   = 20
	panelTop    = 34
	panelBottom = 18
	chartTop    = 64
)

// chartStyle has colours for both schemes, since the chart is an image in somebody's page.
const chartStyle = `
text { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }
.title { font-size: 16px; font-weight: 600; }
.panel { font-weight: 600; }
.note { fill: #59636e; }
.bar { fill: #8c959f; }
.ours { fill: #0969da; }
.limit { fill: #d0d7de; }
.rule { stroke: #d1d9e0; }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc; }
  .note { fill: #9198a1; }
  .bar { fill: #656c76; }
  .ours { fill: #4493f8; }
  .limit { fill: #3d444d; }
  .rule { stroke: #3d444d; }
}`

// Chart draws the results as an SVG image with a transparent background.
func (r *Results) Chart(titles map[string]string) []byte {
	const connections = 16
	body, y := bytes.Buffer{}, chartTop
	for _, q := range []string{"Q1", "Q2", "Q3", "Q4"} {
		cells := r.chartCells(q, connections)
		if len(cells) == 0 {
			continue
		}
		text(&body, "panel", 0, y+16, "start", q+" "+titles[q])
		y += panelTop
		for _, c := range cells {
			r.bar(&body, c, y)
			y += rowHeight
		}
		y += panelBottom
	}
	out := bytes.Buffer{}
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-12 0 %d %d" width="%d" height="%d" role="img">`, chartWidth+24, y, chartWidth+24, y)
	fmt.Fprintf(&out, "\n<style>%s\n</style>\n", chartStyle)
	text(&out, "title", 0, 24, "start", "Share of the speed of a handwritten server")
	text(&out, "note", 0, 44, "start", "CPU time of server and Postgres for one request, 16 connections; longer is better")
	fmt.Fprintf(&out, `<line class="rule" x1="0" x2="%d" y1="54" y2="54"/>`+"\n", chartWidth)
	out.Write(body.Bytes())
	out.WriteString("</svg>\n")
	return out.Bytes()
}

// chartCells are those of one panel, the fastest first.
func (r *Results) chartCells(query string, connections int) []*Cell {
	var cells []*Cell
	for _, c := range r.Cells {
		if c.Query == query && c.Connections == connections && !math.IsNaN(r.CPURatio(c.Key)) {
			cells = append(cells, c)
		}
	}
	slices.SortFunc(cells, func(a, b *Cell) int {
		if d := r.CPURatio(b.Key) - r.CPURatio(a.Key); d != 0 {
			return int(math.Copysign(1, d))
		}
		return 0
	})
	return cells
}

func (r *Results) bar(w *bytes.Buffer, c *Cell, y int) {
	class := "bar"
	switch {
	case c.Server == Limit:
		class = "limit"
	case len(c.Server) >= 8 && c.Server[:8] == "backline":
		class = "ours"
	}
	share := r.CPURatio(c.Key)
	full := float64(chartWidth - labelWidth - valueWidth)
	width := math.Max(1, min(share, 1.1)*full)
	text(w, "", labelWidth-10, y+barHeight-3, "end", c.Server)
	fmt.Fprintf(w, `<rect class="%s" x="%d" y="%d" width="%.1f" height="%d" rx="3"/>`+"\n", class, labelWidth, y, width, barHeight)
	text(w, "note", labelWidth+int(width)+8, y+barHeight-3, "start", fmt.Sprintf("%.2f  (%.0f µs)", share, c.Median.CPU()))
}

func text(w *bytes.Buffer, class string, x, y int, anchor, s string) {
	fmt.Fprintf(w, `<text class="%s" x="%d" y="%d" text-anchor="%s">`, class, x, y, anchor)
	xml.EscapeText(w, []byte(s)) //nolint:errcheck // a buffer takes everything
	w.WriteString("</text>\n")
}
