package throttle

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// What a client writes into a header decides nothing.
func TestAddress(t *testing.T) {
	t.Parallel()
	const proxy = "10.0.0.1:1234"
	for _, c := range []struct {
		name, remote string
		proxies      int
		forwarded    []string
		want         string
	}{
		{"direct", "203.0.113.7:5", 0, nil, "203.0.113.7"},
		{"direct, forged", "203.0.113.7:5", 0, []string{"1.1.1.1"}, "203.0.113.7"},
		{"one proxy", proxy, 1, []string{"203.0.113.7"}, "203.0.113.7"},
		{"one proxy, forged", proxy, 1, []string{"1.1.1.1, 2.2.2.2, 203.0.113.7"}, "203.0.113.7"},
		{"one proxy, forged in a line of its own", proxy, 1, []string{"1.1.1.1", "203.0.113.7"}, "203.0.113.7"},
		{"one proxy that adds a port", proxy, 1, []string{"1.1.1.1,203.0.113.7:443"}, "203.0.113.7"},
		{"one proxy, IPv6", proxy, 1, []string{"[2001:db8::1]:443"}, "2001:db8::1"},
		{"one proxy, IPv6 in brackets", proxy, 1, []string{"[2001:db8::1]"}, "2001:db8::1"},
		{"two proxies", proxy, 2, []string{"203.0.113.7, 10.0.0.2"}, "203.0.113.7"},
		{"two proxies, forged", proxy, 2, []string{"1.1.1.1, 203.0.113.7", "10.0.0.2"}, "203.0.113.7"},
		{"past the outer proxy", "203.0.113.9:1", 2, []string{"1.1.1.1"}, "203.0.113.9"},
		{"past all proxies", "203.0.113.9:1", 1, nil, "203.0.113.9"},
		{"not an address", proxy, 1, []string{"1.1.1.1, unknown"}, "10.0.0.1"},
		{"empty", proxy, 1, []string{"1.1.1.1,"}, "10.0.0.1"},
		{"a socket", "@", 0, nil, "invalid IP"},
	} {
		r := &http.Request{RemoteAddr: c.remote, Header: http.Header{"X-Forwarded-For": c.forwarded}}
		if got := Address(r, c.proxies).String(); got != c.want {
			t.Errorf("%s: got %s", c.name, got)
		}
	}
}

func TestClients(t *testing.T) {
	t.Parallel()
	for a, want := range map[string]string{
		"203.0.113.7":           "a:203.0.113.7",
		"::ffff:203.0.113.7":    "a:203.0.113.7",
		"2001:db8:1:2:3:4:5:6":  "a:2001:db8:1:2::/64",
		"2001:db8:1:2::ffff%e0": "a:2001:db8:1:2::/64",
	} {
		if got := ByAddress(netip.MustParseAddr(a)); got != want {
			t.Errorf("%s: got %s", a, got)
		}
	}
	if got := ByAddress(netip.Addr{}); got != "a:unknown" {
		t.Errorf("got %s", got)
	}
	if ByViewer("x") == ByKey("x") || ByKey("x") == BySession("x") {
		t.Error("a viewer, a key and a session are one client")
	}
	if BySubject("a", "x") == BySubject("b", "x") || BySubject("a", "x") == ByViewer("x") || BySubject("a", "bx") == BySubject("ab", "x") {
		t.Error("those whom two issuers call the same are one client")
	}
	if strings.Contains(BySession("s3cret"), "s3cret") || len(ByKey(strings.Repeat("x", 1000))) > 64 {
		t.Error("a name is kept as it came")
	}
}

func TestPlans(t *testing.T) {
	t.Parallel()
	plans, err := ParsePlans("default=10000/500, partner=100000/5000")
	if err != nil {
		t.Fatal(err)
	}
	if p := plans.Of("partner"); p.Capacity != 100000*Point || p.Restore != 5000*Point || p.Chunk() != 2000*Point {
		t.Errorf("got %+v", p)
	}
	if plans.Of("").Name != "default" || plans.Of("nobody's").Name != "default" {
		t.Error("who has no plan has not the default")
	}
	for text, want := range map[string]string{
		"":                                "NAME=CAPACITY/RESTORE",
		"default":                         "NAME=CAPACITY/RESTORE",
		"default=100":                     "NAME=CAPACITY/RESTORE",
		"partner=1/1":                     "the plan default is missing",
		"default=1/1,default=2/2":         "the plan default is there twice",
		"default=0/1":                     `the capacity of the plan default is "0"`,
		"default=1/0":                     `the restore of the plan default is "0"`,
		"default=1.5/1":                   `"1.5": it must be a whole number from 1 to 1000000000`,
		"default=1000000001/1":            "it must be a whole number",
		"default=1/1,a b=1/1":             "NAME=CAPACITY/RESTORE",
		"default=1/1,":                    "NAME=CAPACITY/RESTORE",
		"default=1/1,x\";q=9=1/1":         "NAME=CAPACITY/RESTORE",
		strings.Repeat("x", 33) + "=1/1":  "NAME=CAPACITY/RESTORE",
		"default=1/1,partner=1/-99999999": "the restore of the plan partner",
	} {
		if _, err := ParsePlans(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	plans, err := ParsePlans("default=10000/300,tiny=1/1")
	if err != nil {
		t.Fatal(err)
	}
	h := http.Header{}
	Status{plans.Of(""), 9000*Point + 999}.SetHeaders(h, 0)
	if got := h.Get("RateLimit-Policy"); got != `"default";q=10000;qu="points";w=34` {
		t.Errorf("got %s", got)
	}
	if got := h.Get("RateLimit"); got != `"default";r=9000;t=4` {
		t.Errorf("got %s", got)
	}
	Status{plans.Of("tiny"), -5}.SetHeaders(h, 1500*time.Millisecond)
	if got := h.Get("RateLimit"); got != `"tiny";r=0;t=2` {
		t.Errorf("got %s", got)
	}
}
