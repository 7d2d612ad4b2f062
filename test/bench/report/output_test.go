package report

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

// measured has a server at the limit's figures, one at half of its speed and one at a fiftieth.
func measured() *Results {
	r := &Results{
		Machine: "2 × processor", Commit: "abc", Versions: map[string]string{"Postgres": "15", "Go": "1.26"},
		Servers: []Server{{Name: Limit, Title: "by hand"}, {Name: "backline", Title: "Backline"}, {Name: "gqlgen", Title: "gqlgen <plain>", Version: "v0"}},
		Missing: map[string]string{"yoga": "no npm", "apollo": "no npm"},
		Counts:  []Count{{Server: "backline", Query: "Q1", Statements: 5, Objects: 300, Allocated: 4000, Bytes: 90}, {Server: "gqlgen", Query: "Q1", Statements: 7.5}},
	}
	for _, conns := range []int{16, 1} {
		for name, factor := range map[string]float64{Limit: 1, "backline": 2, "gqlgen": 50} {
			r.Add(Key{name, "Q1", conns}, Sample{Requests: 9, PerSecond: 1000 / factor, P50: 1000 * factor, P99: 2000 * factor, Server: 300 * factor, Postgres: 200 * factor})
		}
	}
	return r
}

func TestJudgeComparesWithWhatMustBe(t *testing.T) {
	t.Parallel()
	r := measured()
	r.Judge()
	var b strings.Builder
	if r.WriteFigures(&b) {
		t.Error("all figures are said to be reached")
	}
	for _, c := range []struct{ name, verdict string }{
		{"Q1 share of the limit's CPU, 16 connections", "FAIL"},                // 0.50 of 0.70
		{"Q1 p50 over the limit's, 1 connection", "FAIL"},                      // 2 of 1.5
		{"Q1 statements", "PASS, aim reached"},                                 // 5 of 5
		{"Q1 allocated objects", "PASS, aim reached"},                          // 300 of 1,500
		{"Q1 CPU of gqlgen + dataloader over Backline's", "PASS, aim reached"}, // 25 of 20
		{"Q1 share of the limit's requests/s, 16 connections", "FAIL"},         // 0.50 of 0.70
	} {
		if line := lineWith(b.String(), c.name); !strings.HasSuffix(line, " "+c.verdict) {
			t.Errorf("%q, want the verdict %s", line, c.verdict)
		}
	}
	for _, absent := range []string{"Q2", "4 shards", "64 connections", "twice"} {
		if strings.Contains(b.String(), absent) {
			t.Errorf("a figure about %s, which was not measured:\n%s", absent, &b)
		}
	}
}

func TestTablesAreAlignedAndComplete(t *testing.T) {
	t.Parallel()
	r := measured()
	var b strings.Builder
	r.WriteTables(&b, map[string]string{"Q1": "deep"})
	text := b.String()
	width := 0
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case !strings.HasPrefix(line, "|"):
			width = 0
		case width == 0:
			width = len([]rune(line))
		case width != len([]rune(line)):
			t.Errorf("a line of another width than its table's: %q", line)
		}
	}
	order := []string{
		"### Q1: deep", "| limit    |     1 ", "| backline |     1 ", "| gqlgen   |     1 ", "| limit    |    16 ",
		"Missing: apollo (no npm)", "Missing: yoga (no npm)",
	}
	at := 0
	for _, want := range order {
		i := strings.Index(text[at:], want)
		if i < 0 {
			t.Fatalf("no %q, or at the wrong place, in\n%s", want, text)
		}
		at += i
	}
	if row := lineWith(text, "| backline |    16 "); !slices.Contains(strings.Fields(row), "0.50") {
		t.Errorf("no share of one half in %q", row)
	}
}

func TestSubjectNamesWhatWasMeasured(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	measured().WriteSubject(&b)
	for _, want := range []string{"2 × processor\n", "revision abc, ", "Go: 1.26\nPostgres: 15\n", "| gqlgen | gqlgen <plain> | v0 |\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, &b)
		}
	}
}

func TestChartIsWellFormed(t *testing.T) {
	t.Parallel()
	svg := string(measured().Chart(map[string]string{"Q1": "a < b"}))
	var classes, labels []string
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, svg)
		}
		switch e := token.(type) {
		case xml.StartElement:
			if e.Name.Local == "rect" {
				classes = append(classes, e.Attr[0].Value)
			}
		case xml.CharData:
			labels = append(labels, string(e))
		}
	}
	if want := []string{"limit", "ours", "bar"}; !slices.Equal(classes, want) {
		t.Errorf("bars %v, want the fastest first: %v", classes, want)
	}
	for _, want := range []string{"Q1 a < b", "gqlgen", "0.50  (1000 µs)", "0.02  (25000 µs)"} {
		if !slices.Contains(labels, want) {
			t.Errorf("no label %q in %q", want, labels)
		}
	}
}

func lineWith(text, part string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, part) {
			return strings.TrimSuffix(line, "\n")
		}
	}
	return ""
}
