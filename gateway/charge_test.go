package gateway_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"backline/gateway"
	"backline/gateway/gatewaytest"
	"backline/gateway/identity"
	"backline/gateway/throttle"
	"backline/graph/cost"
)

// budget serves the test schema with prices and budgets, by a clock that stands still.
func budget(t *testing.T, plans string, adjust func(*gateway.Config)) *bundle {
	t.Helper()
	p, err := throttle.ParsePlans(plans)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	limiter, err := throttle.New(throttle.Options{Plans: p, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { limiter.Close(context.Background()) })
	schema := gatewaytest.NewExecutableSchema(gatewaytest.Config{Resolvers: &gatewaytest.Resolver{}})
	table, err := cost.NewTable(schema.Schema())
	if err != nil {
		t.Fatal(err)
	}
	return setup(t, func(c *gateway.Config) {
		c.Price.Table = table
		c.Throttle.Limiter = limiter
		if adjust != nil {
			adjust(c)
		}
	})
}

// left is what the answer says is left.
func (a answer) left(t *testing.T) int {
	t.Helper()
	_, rest, ok := strings.Cut(a.header.Get("RateLimit"), `"default";r=`)
	text, _, _ := strings.Cut(rest, ";")
	n, err := strconv.Atoi(text)
	if !ok || err != nil {
		t.Fatalf("no RateLimit in %v", a.header)
	}
	return n
}

const tenItems = `{ items(count: 10) { index } }` // 11 points

// The estimate is taken before an operation runs, and an operation for which there is not enough does not
// run.
func TestThrottled(t *testing.T) {
	t.Parallel()
	b := budget(t, "default=50/5", nil)
	for want := 39; want > 0; want -= 11 {
		got := b.post(tenItems)
		if got.status != 200 || got.left(t) != want {
			t.Fatalf("got %d %v %s, want %d left", got.status, got.header, got.body, want)
		}
		if p := got.header.Get("RateLimit-Policy"); p != `"default";q=50;qu="points";w=10` {
			t.Errorf("the policy is %s", p)
		}
	}
	for _, accept := range []string{"application/json", "application/graphql-response+json"} {
		got := b.post(tenItems, "Accept: "+accept) // 6 are left: one for asking
		if got.status != 429 || got.code(t) != "THROTTLED" || len(got.body) > 4096 || got.header.Get("Content-Type") != accept+"; charset=utf-8" {
			t.Errorf("got %d %v %s", got.status, got.header, got.body)
		}
		for _, want := range []string{"the budget of 50 points is spent", "5 come back each second"} {
			if !strings.Contains(got.body, want) {
				t.Errorf("no %q in %s", want, got.body)
			}
		}
		after, err := strconv.Atoi(got.header.Get("Retry-After"))
		if err != nil || after < 1 || after > 2 || !strings.HasSuffix(got.header.Get("RateLimit"), ";t="+strconv.Itoa(after)) {
			t.Errorf("got %v", got.header)
		}
	}
	if got := b.post("{ hello }"); got.status != 200 || got.left(t) != 3 {
		t.Errorf("what is cheap: %d %s", got.status, got.body)
	}
}

// Each request costs a point, whatever is wrong with it, so garbage is throttled as well, before it is
// read.
func TestGarbageIsThrottled(t *testing.T) {
	t.Parallel()
	b := budget(t, "default=10/1", nil)
	garbage := []func() answer{
		func() answer { return b.post("{") },
		func() answer { return b.post("{ nothing }") },
		func() answer { return b.send("POST", "/graphql", "[", "Content-Type: application/json") },
		func() answer { return b.send("POST", "/graphql", "x", "Content-Type: text/xml") },
		func() answer { return b.send("PUT", "/graphql", "x") },
		func() answer { return b.post("{ hello }", "Accept: text/html") },
		func() answer { return b.post(tenItems + strings.Repeat(" ", 20000)) },
		func() answer { return b.post(`query A { hello } query B { hello }`) },
		func() answer { return b.send("GET", "/graphql?query=", "", "GraphQL-Require-Preflight: 1") },
		func() answer { return b.post(`{ echo }`) },
	}
	for i, send := range garbage {
		got := send()
		if got.status < 400 && got.code(t) == "" || got.status == 429 || got.left(t) != 9-i {
			t.Errorf("%d: got %d %s, %d left", i, got.status, got.body, got.left(t))
		}
	}
	for i, send := range garbage {
		if got := send(); got.status != 429 || got.header.Get("Retry-After") != "1" {
			t.Errorf("%d: got %d %s", i, got.status, got.body)
		}
	}
	if got := b.send("GET", "/health/live", ""); got.status != 200 || got.header.Get("RateLimit") != "" {
		t.Errorf("health: got %d %v", got.status, got.header)
	}
}

// What an operation did not cost comes back.
func TestRefund(t *testing.T) {
	t.Parallel()
	b := budget(t, "default=200/1", nil)
	got := b.post(`{ items(count: 100) { broken index } }`)
	if got.left(t) != 99 { // the price is met exactly: each of the items came
		t.Errorf("%d left: %.300s", got.left(t), got.body)
	}
	got = b.post(`{ items(count: 90) @skip(if: true) { index } }`)
	if got.left(t) != 98 {
		t.Errorf("%d left: %.300s", got.left(t), got.body)
	}
}

// An operation that no budget can pay is told so, and not to come again.
func TestMoreThanABudgetHolds(t *testing.T) {
	t.Parallel()
	b := budget(t, "default=50/5", nil)
	got := b.post(`{ items(count: 50) { index } }`)
	if got.status != 400 || got.code(t) != "COST_LIMIT" || got.header.Get("Retry-After") != "" ||
		!strings.Contains(got.body, "the operation may cost 51 points, and a budget never holds more than 50") {
		t.Errorf("got %d %s", got.status, got.body)
	}
}

// extensions.cost has what is left after the operation.
func TestThrottleStatus(t *testing.T) {
	t.Parallel()
	b := budget(t, "default=50/5", nil)
	for header, want := range map[string]int{"report": 39, "validate": 49} {
		b := b
		if header == "validate" {
			b = budget(t, "default=50/5", nil)
		}
		var body struct {
			Extensions struct {
				Cost struct {
					ThrottleStatus struct{ MaximumAvailable, CurrentlyAvailable, RestoreRate int }
				}
			}
		}
		got := b.post(tenItems, "GraphQL-Cost: "+header)
		if err := json.Unmarshal([]byte(got.body), &body); err != nil {
			t.Fatal(err)
		}
		if s := body.Extensions.Cost.ThrottleStatus; s.MaximumAvailable != 50 || s.CurrentlyAvailable != want || s.RestoreRate != 5 || got.left(t) != want {
			t.Errorf("%s: got %s", header, got.body)
		}
	}
}

// Nobody gets a budget of somebody else's, or another one, by writing headers.
func TestForgedAddresses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		proxies int
		forged  func(i int) []string
		honest  []string
	}{
		"no proxy": {0, func(i int) []string {
			return []string{fmt.Sprintf("X-Forwarded-For: 10.0.0.%d", i), fmt.Sprintf("Forwarded: for=10.0.0.%d", i), fmt.Sprintf("X-Real-Ip: 10.0.0.%d", i)}
		}, []string{"X-Forwarded-For: 1.2.3.4"}},
		"a proxy that appends": {1, func(i int) []string {
			return []string{fmt.Sprintf("X-Forwarded-For: 10.0.0.%d", i), "X-Forwarded-For: 203.0.113.7"}
		}, []string{"X-Forwarded-For: 203.0.113.7"}},
		"a network of its own": {1, func(i int) []string {
			return []string{fmt.Sprintf("X-Forwarded-For: 2001:db8:1:2::%x", i)}
		}, []string{"X-Forwarded-For: 2001:db8:1:2:3:4:5:6"}},
		"a session that nobody asks for": {0, func(i int) []string {
			return []string{fmt.Sprintf("Cookie: session=%d", i), fmt.Sprintf("Authorization: Bearer %d", i), fmt.Sprintf("X-Api-Key: %d", i)}
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := budget(t, "default=10/1", func(c2 *gateway.Config) { c2.Throttle.Proxies = c.proxies })
			for i := range 10 {
				if got := b.post("{ hello }", c.forged(i)...); got.status != 200 {
					t.Fatalf("%d: got %d %s", i, got.status, got.body)
				}
			}
			if got := b.post("{ hello }", c.forged(99)...); got.status != 429 {
				t.Errorf("with another header: got %d", got.status)
			}
			if got := b.post("{ hello }", c.honest...); got.status != 429 {
				t.Errorf("the same client: got %d", got.status)
			}
		})
	}
}

// Behind proxies that are trusted, and with sessions that are, each client has a budget of its own.
func TestClientsHaveBudgets(t *testing.T) {
	t.Parallel()
	b := budget(t, "default=10/1", func(c *gateway.Config) {
		c.Throttle.Proxies, c.Throttle.SessionCookie, c.Throttle.SessionHeader = 2, "sid", "X-Session"
	})
	for i, headers := range [][]string{
		{"X-Forwarded-For: 203.0.113.7, 10.0.0.1"}, {"X-Forwarded-For: 203.0.113.8, 10.0.0.1"},
		{"Cookie: a=b; sid=1"}, {"Cookie: sid=2"}, {"X-Session: 1"}, {"X-Session: 3"},
	} {
		want := 9
		if i == 4 { // the same session as another client's cookie
			want = 8
		}
		if got := b.post("{ hello }", headers...); got.status != 200 || got.left(t) != want {
			t.Errorf("%v: got %d, %d left", headers, got.status, got.left(t))
		}
	}
}

// The log says once that a header is not looked at.
func TestUntrustedProxyIsLogged(t *testing.T) {
	t.Parallel()
	b := budget(t, "default=10/1", nil)
	for range 3 {
		b.post("{ hello }", "X-Forwarded-For: 1.2.3.4")
	}
	if n := strings.Count(b.log.String(), "trusted-proxies"); n != 1 {
		t.Errorf("logged %d times", n)
	}
}

// doorBook writes down what the door is told.
type doorBook struct {
	mu    sync.Mutex
	lines []string
}

func (d *doorBook) add(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, fmt.Sprintf(format, args...))
}

func (d *doorBook) Answered(operation, client, version, code string) {
	d.add("answered %q %q %q %q", operation, client, version, code)
}

func (d *doorBook) Price(operation, client string, estimated, actual float64) {
	d.add("price %q %q %g %g", operation, client, estimated, actual)
}

func (d *doorBook) Throttled(client, plan string, points float64) {
	d.add("throttled %q %q %g", client, plan, points)
}

func (d *doorBook) Uses(coordinates []string) (count func(client string), drop func()) {
	return func(client string) { d.add("use %v by %q", coordinates, client) }, func() { d.add("drop %v", coordinates) }
}

func TestDoorObserver(t *testing.T) {
	t.Parallel()
	book := &doorBook{}
	b := budget(t, "default=24/1", func(c *gateway.Config) { c.Door = book; c.Limits.Documents = 1 })
	me := []string{"GraphQL-Client-Name: web", "GraphQL-Client-Version: 1.2"}
	apollo := []string{"Apollographql-Client-Name: ios", "Apollographql-Client-Version: 2"}
	b.post(`query Ten { items(count: 10) { index ...F } } fragment F on Item { broken __typename }`, me...)
	b.post(`query Ten { items(count: 10) { index } }`, apollo...)
	b.post(`query Ten { items(count: 10) { index } }`, me...)
	b.post(`{`, me...)
	b.send("POST", "/graphql", "x", "Content-Type: text/xml")
	b.send(http.MethodOptions, "/graphql", "")
	want := []string{
		`use [Query.items Item.index Item.broken] by "web"`,
		`price "Ten" "web" 11 11`,
		`answered "Ten" "web" "1.2" ""`,
		`use [Query.items Item.index] by "ios"`,
		`price "Ten" "ios" 11 11`,
		`answered "Ten" "ios" "2" ""`,
		`throttled "web" "default" 10`,
		`answered "Ten" "web" "1.2" "THROTTLED"`,
		`answered "" "web" "1.2" "GRAPHQL_PARSE_FAILED"`,
		`throttled "" "default" 1`,
		`answered "" "" "" "THROTTLED"`,
		`throttled "" "default" 1`,
		`answered "" "" "" "THROTTLED"`,
	}
	book.mu.Lock()
	defer book.mu.Unlock()
	var got []string
	for _, line := range book.lines {
		if !strings.HasPrefix(line, "drop ") { // when a cache forgets is its own affair
			got = append(got, line)
		}
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A fault of ours outside of any resolver is counted as one, and costs the client nothing.
func TestDoorHearsOfPanics(t *testing.T) {
	t.Parallel()
	book := &doorBook{}
	b := budget(t, "default=24/1", func(c *gateway.Config) {
		c.Door, c.Development = book, true
		c.Trace = func(context.Context) any { return func() {} } // which nobody can encode
	})
	got := b.post(`query Ten { items(count: 10) { index } }`, "Backline-Trace: 1")
	if got.status != 500 || got.code(t) != gateway.CodeInternal || got.left(t) != 24 {
		t.Errorf("got %d %v %s", got.status, got.header, got.body)
	}
	book.mu.Lock()
	defer book.mu.Unlock()
	if !slices.Contains(book.lines, `answered "Ten" "" "" "INTERNAL"`) {
		t.Errorf("got %q", book.lines)
	}
}

// Who is refused because of others pays nothing.
func TestOverloadCostsNothing(t *testing.T) {
	t.Parallel()
	b := budget(t, "default=24/1", func(c *gateway.Config) { c.Load = gateway.Load{Concurrency: 1} })
	b.resolver.Waiting, b.resolver.Release = make(chan struct{}, 1), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { b.post("{ wait }") })
	<-b.resolver.Waiting
	if got := b.post("{ hello }"); got.status != 503 || got.left(t) != 23 {
		t.Errorf("got %d, %d left", got.status, got.left(t))
	}
	b.resolver.Release <- struct{}{}
	wg.Wait()
}

// Whoever tries credentials does not get a budget for each session that they make up.
func TestBadCredentialsAreTheAddress(t *testing.T) {
	t.Parallel()
	a, err := identity.New(identity.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	b := budget(t, "default=10/1", func(c *gateway.Config) { c.Identity, c.Throttle.SessionHeader = a, "X-Session" })
	for i := range 11 {
		want := 401
		if i == 10 {
			want = 429
		}
		if got := b.post("{ hello }", "Authorization: Bearer a.b.c", fmt.Sprintf("X-Session: %d", i)); got.status != want {
			t.Errorf("%d: got %d %s", i, got.status, got.body)
		}
	}
}

// A viewer has a budget of their own, wherever they are, that of their plan; a credential that is not good
// is charged to its address.
func TestViewersHaveBudgets(t *testing.T) {
	t.Parallel()
	issuer, err := identity.OpenDevelopmentIssuer(t.TempDir(), true)
	if err != nil {
		t.Fatal(err)
	}
	a, err := identity.New(identity.Config{Development: issuer, IsNode: func(s string) bool { return strings.HasPrefix(s, "cus_") }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	b := budget(t, "default=10/1", func(c *gateway.Config) { c.Identity, c.Throttle.Proxies = a, 1 })
	bearer := func(subject string) string {
		token, err := issuer.Mint(identity.Person{Subject: subject}, time.Now(), time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		return "Authorization: Bearer " + token
	}
	first, second := bearer("cus_1"), bearer("cus_2")
	for i := range 10 {
		from := fmt.Sprintf("X-Forwarded-For: 203.0.113.%d", i)
		if got := b.post("{ hello }", first, from); got.status != 200 || got.left(t) != 9-i {
			t.Errorf("%d: got %d, %d left", i, got.status, got.left(t))
		}
	}
	here := "X-Forwarded-For: 203.0.113.99"
	if got := b.post("{ hello }", first, here); got.status != 429 {
		t.Errorf("a spent viewer elsewhere: got %d", got.status)
	}
	if got := b.post("{ hello }", second, here); got.status != 200 || got.left(t) != 9 {
		t.Errorf("another viewer: got %d", got.status)
	}
	for range 10 {
		if got := b.post("{ hello }", "Authorization: Bearer x.y.z", here); got.status != 401 {
			t.Errorf("a bad token: got %d", got.status)
		}
	}
	if got := b.post("{ hello }", "Authorization: Bearer x.y.z", here); got.status != 429 || got.code(t) != "THROTTLED" {
		t.Errorf("one bad token too many: got %d", got.status)
	}
	if got := b.post("{ hello }", second, here); got.status != 200 {
		t.Errorf("a good token from there: got %d", got.status)
	}
}
