package report

import (
	"math"
	"testing"
)

func TestMedian(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		values []float64
		want   float64
	}{
		{[]float64{7}, 7},
		{[]float64{9, 1, 5}, 5},
		{[]float64{4, 1, 3, 2}, 2.5},
		{[]float64{1, 1000, 2}, 2},
	} {
		if got := median(c.values); got != c.want {
			t.Errorf("median(%v) = %v, want %v", c.values, got, c.want)
		}
	}
	if got := median(nil); !math.IsNaN(got) {
		t.Errorf("median of nothing = %v, want NaN", got)
	}
}

func TestAddKeepsRoundsAndTheirMedian(t *testing.T) {
	t.Parallel()
	r, k := &Results{}, Key{"backline", "Q1", 16}
	for _, cpu := range []float64{300, 100, 200} {
		r.Add(k, Sample{Requests: int(cpu), PerSecond: 10 * cpu, Server: cpu, Postgres: cpu / 2, P50: cpu, P99: 2 * cpu, Redis: 1})
	}
	c := r.Cell(k)
	if len(c.Rounds) != 3 || c.Rounds[0].Server != 300 {
		t.Fatalf("rounds %+v", c.Rounds)
	}
	want := Sample{Requests: 200, PerSecond: 2000, Server: 200, Postgres: 100, P50: 200, P99: 400, Redis: 1}
	if c.Median != want {
		t.Errorf("median %+v, want %+v", c.Median, want)
	}
	if got := c.Median.CPU(); got != 300 {
		t.Errorf("CPU %v, want that of server and Postgres, 300", got)
	}
	if r.Cell(Key{"backline", "Q1", 64}) != nil {
		t.Error("a cell that was not measured")
	}
}

// A machine that is slow for one round slows both sides of its ratio.
func TestRatioPairsRounds(t *testing.T) {
	t.Parallel()
	r := &Results{}
	for _, slow := range []float64{1, 10, 2} {
		r.Add(Key{Limit, "Q1", 16}, Sample{Server: 60 * slow, Postgres: 20 * slow, PerSecond: 1000 / slow, P50: 4 * slow})
		r.Add(Key{"backline", "Q1", 16}, Sample{Server: 70 * slow, Postgres: 30 * slow, PerSecond: 800 / slow, P50: 5 * slow})
	}
	k := Key{"backline", "Q1", 16}
	for name, c := range map[string]struct{ got, want float64 }{
		"CPU":        {r.CPURatio(k), 0.8},
		"throughput": {r.ThroughputRatio(k), 0.8},
		"latency":    {r.LatencyRatio(k), 1.25},
	} {
		if math.Abs(c.got-c.want) > 1e-9 {
			t.Errorf("%s ratio %v, want %v", name, c.got, c.want)
		}
	}
	if got := r.CPURatio(Key{"yoga", "Q1", 16}); !math.IsNaN(got) {
		t.Errorf("ratio of what was not measured = %v, want NaN", got)
	}
}
