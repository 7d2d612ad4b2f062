package main

import (
	"fmt"
	"strings"
	"testing"
)

// The server as it is started: budgets by Redis, and metrics that tell who asked for what.
func TestServerThrottles(t *testing.T) {
	t.Parallel()
	r := start(t, settings(t, "--embedded-shards=1", "--plans=default=100/1,partner=1000/1", "--client-names=web"))
	spent := 0
	for ; spent < 1000; spent++ { // a point comes back each second, so a slow machine spends more than 100
		status, body := r.query(`query Hello { __typename }`, "GraphQL-Client-Name: web")
		if status == 429 && strings.Contains(body, "THROTTLED") {
			break
		}
		if status != 200 {
			t.Fatalf("got %d %s", status, body)
		}
	}
	if spent < 100 {
		t.Errorf("a budget of 100 points is spent after %d", spent)
	}
	if status, body := r.query(`query Genres { genres { name } }`, "GraphQL-Client-Name: stranger"); status != 429 {
		t.Errorf("got %d %s", status, body)
	}
	if status, _ := r.get(r.url + "/health/ready"); status != 200 {
		t.Errorf("health: got %d", status)
	}
	_, metrics := r.get(r.adminURL + "/metrics")
	for _, want := range []string{
		fmt.Sprintf("backline_requests_total{client=\"web\",code=\"ok\",operation=\"Hello\",version=\"none\"} %d\n", spent),
		`backline_requests_total{client="web",code="THROTTLED",operation="anonymous",version="none"} 1`,
		`backline_requests_total{client="other",code="THROTTLED",operation="anonymous",version="none"} 1`,
		fmt.Sprintf("backline_price_estimated_points_count{client=\"web\",operation=\"Hello\"} %d\n", spent),
		`backline_throttled_points_total{client="web",plan="default"} 1`,
		`backline_throttle_alone 0`,
		`backline_operations_running 0`,
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("no %s", want)
		}
	}
}

func TestPlansOfTheEnvironment(t *testing.T) {
	t.Parallel()
	for env, want := range map[string]int64{production: 10_000, development: 1_000_000} {
		plans, err := (&Throttling{}).plans(env)
		if err != nil || plans.Of("").Capacity.Whole() != want {
			t.Errorf("%s: got %v %v", env, plans.Of(""), err)
		}
	}
}

func TestOverloadSettings(t *testing.T) {
	t.Parallel()
	if l := (&Overload{MaxConcurrency: "10", MaxQueue: "auto"}).gateway(8); l.Concurrency != 10 || l.Queue != 40 {
		t.Errorf("got %+v", l)
	}
	if l := (&Overload{MaxConcurrency: "auto", MaxQueue: "0"}).gateway(8); l.Concurrency < 24 || l.Queue != 0 {
		t.Errorf("got %+v", l)
	}
	if l := (&Overload{MaxConcurrency: "0", MaxQueue: "auto"}).gateway(8); l.Concurrency != 0 {
		t.Errorf("got %+v", l)
	}
}
