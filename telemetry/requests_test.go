package telemetry_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"backline/telemetry"
)

func TestRequests(t *testing.T) {
	t.Parallel()
	tel, _ := setup(t)
	tel.Answered("Artists", "web", "1.2.3", "")
	tel.Answered("Artists", "web", "1.2.3", "THROTTLED")
	tel.Answered("", "", "", "GRAPHQL_PARSE_FAILED")
	tel.Answered("Artists", "a\"b", "\n", "")
	tel.Answered("Artists", strings.Repeat("x", 65), "ünï", "")
	tel.Price("Artists", "web", 601, 57)
	tel.Throttled("web", "default", 601)
	tel.ObserveLoad(func() telemetry.Load { return telemetry.Load{Running: 3, Waiting: 2, Alone: true} })
	got := scrape(t, tel)
	for _, want := range []string{
		`backline_requests_total{client="web",code="ok",operation="Artists",version="1.2.3"} 1`,
		`backline_requests_total{client="web",code="THROTTLED",operation="Artists",version="1.2.3"} 1`,
		`backline_requests_total{client="none",code="GRAPHQL_PARSE_FAILED",operation="anonymous",version="none"} 1`,
		`backline_requests_total{client="other",code="ok",operation="Artists",version="other"} 2`,
		`backline_price_estimated_points_sum{client="web",operation="Artists"} 601`,
		`backline_price_actual_points_sum{client="web",operation="Artists"} 57`,
		`backline_throttled_points_total{client="web",plan="default"} 601`,
		`backline_operations_running 3`, `backline_operations_waiting 2`, `backline_throttle_alone 1`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s", want)
		}
	}
	if t.Failed() {
		t.Log(got)
	}
}

// Clients that make up names, versions and operations make no more series than there may be.
func TestFloodOfNames(t *testing.T) {
	t.Parallel()
	tel, _ := setup(t)
	count, _ := tel.Uses([]string{"Query.artists", "Artist.name"})
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for i := range 2000 {
				name := fmt.Sprintf("c%d-%d", worker, i)
				tel.Answered("Op"+name, name, name, "")
				tel.Price("Op"+name, name, 1, 1)
				tel.Throttled(name, "default", 1)
				count(name)
			}
		})
	}
	wg.Wait()
	got := scrape(t, tel)
	for metric, most := range map[string]int{
		"backline_requests_total{":                2001,
		"backline_price_estimated_points_count{":  201,
		"backline_throttled_points_total{":        31,
		"backline_schema_uses_total{":             62,
		`backline_schema_uses_total{client="c0-0`: 2,
	} {
		if n := strings.Count(got, metric); n > most || n == 0 && most > 2 {
			t.Errorf("%d series of %s", n, metric)
		}
	}
	if !strings.Contains(got, `{client="other",code="ok",operation="other",version="other"}`) {
		t.Error("what is too much is not counted")
	}
}

// Clients that were configured are told apart whoever comes first.
func TestKnownClients(t *testing.T) {
	t.Parallel()
	tel, _ := start(t, telemetry.Options{ClientNames: []string{"web", "ios"}})
	for i := range 100 {
		tel.Answered("Q", fmt.Sprint("made up ", i), "", "")
	}
	tel.Answered("Q", "ios", "", "")
	got := scrape(t, tel)
	for _, want := range []string{`{client="ios",code="ok",operation="Q",version="none"} 1`, `{client="other",code="ok",operation="Q",version="none"} 100`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s", want)
		}
	}
}

// Every use is counted once, whether its document is still there or forgotten, and across scrapes.
func TestUses(t *testing.T) {
	t.Parallel()
	tel, _ := setup(t)
	first, dropFirst := tel.Uses([]string{"Query.artists", "Artist.name"})
	second, _ := tel.Uses([]string{"Query.artists", "Artist.albums"})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 1000 {
				first("web")
				second("ios")
			}
		})
	}
	scrape(t, tel)
	dropFirst()
	wg.Wait()
	first("web") // a request that began before
	for range 2 {
		got := scrape(t, tel)
		for _, want := range []string{
			`backline_schema_uses_total{client="web",coordinate="Query.artists"} 4001`,
			`backline_schema_uses_total{client="web",coordinate="Artist.name"} 4001`,
			`backline_schema_uses_total{client="ios",coordinate="Query.artists"} 4000`,
			`backline_schema_uses_total{client="ios",coordinate="Artist.albums"} 4000`,
		} {
			if !strings.Contains(got, want) {
				t.Errorf("no %s", want)
			}
		}
	}
}

func TestCountingDoesNotAllocate(t *testing.T) { //nolint:paralleltest // it counts what the whole process allocates
	tel, _ := setup(t)
	count, _ := tel.Uses([]string{"Query.artists"})
	n := testing.AllocsPerRun(100, func() {
		count("web")
		tel.Answered("Artists", "web", "1", "")
		tel.Price("Artists", "web", 3, 2)
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}
