package privacy

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// ways lead to the rows of the first customer, or to lists that they would be in.
var ways = map[string]string{
	"by id":                        `{customer(id:<customer 1>){firstName lastName email}}`,
	"by node":                      `{node(id:<customer 1>){id ... on Customer{email}}}`,
	"by nodes, beside others":      `{nodes(ids:[<customer 2>,<customer 1>,<invoice 1>,<line 1>,<track>]){__typename id ... on Customer{email} ... on Invoice{billingCity} ... on InvoiceLine{unitPrice}}}`,
	"by aliases":                   `{a:customer(id:<customer 2>){email} b:customer(id:<customer 1>){email} c:node(id:<customer 1>){... on Customer{lastName}}}`,
	"by fragments":                 `{node(id:<invoice 1>){...I}} fragment I on Invoice{billingCity customer{...C}} fragment C on Customer{email}`,
	"an invoice":                   `{invoice(id:<invoice 1>){billingCity total}}`,
	"an invoice's lines":           `{invoice(id:<invoice 1>){lines(first:5){totalCount nodes{unitPrice track{name}}}}}`,
	"a customer's invoices":        `{customer(id:<customer 1>){invoices(first:5){totalCount nodes{billingCity lines(first:5){nodes{unitPrice}}}}}}`,
	"invoices by another order":    `{customer(id:<customer 1>){invoices(first:5,orderBy:DATE_DESC){edges{cursor node{billingCity}}}}}`,
	"up from a line":               `{node(id:<line 1>){... on InvoiceLine{unitPrice invoice{billingCity customer{email}}}}}`,
	"the list of customers":        `{customers(first:100,orderBy:LAST_NAME_DESC){totalCount nodes{lastName email}}}`,
	"a part of the list":           `{customers(first:5,filter:{lastNameStartsWith:"Z"}){totalCount nodes{lastName}}}`,
	"through the shared employee":  `{customer(id:<customer 2>){email supportRep{lastName customers(first:20){totalCount nodes{lastName email}}}}}`,
	"the employee's customers":     `{employee(id:<employee 1>){lastName customers(first:20){nodes{email invoices(first:3){totalCount nodes{billingCity}}}}}}`,
	"back from an own invoice":     `{invoice(id:<invoice 2>){customer{supportRep{customers(first:20){nodes{lastName}}}}}}`,
	"the shared track":             `{track(id:<track>){name album{title artist{name}}}}`,
	"one's own":                    `{customer(id:<customer 2>){email invoices(first:5){nodes{billingCity lines(first:5){nodes{unitPrice track{name}}}}}}}`,
	"public beside private":        `{track(id:<track>){name} customer(id:<customer 1>){email} artists(first:2){nodes{name}}}`,
	"whether it is there":          `{node(id:<customer 1>){__typename} nodes(ids:[<invoice 1>,<line 1>]){__typename id}}`,
	"by the interface alone":       `{nodes(ids:[<customer 1>,<customer 2>,<invoice 1>,<track>]){...N}} fragment N on Node{id ... on Customer{company email} ... on Invoice{total billingCity} ... on Track{name}}`,
	"who is asking":                `{viewer{customer{email invoices(first:3){totalCount nodes{billingCity}}} employee{lastName}}}`,
	"beside a search":              `{search(query:"a record",first:5){nodes{... on Node{id} ... on Album{title}}} invoice(id:<invoice 1>){billingCity}}`,
	"public above private, inside": `{node(id:<line 1>){... on InvoiceLine{track{name album{title}} unitPrice}}}`,
}

// mayRead are those whom the first customer's rows are for.
var mayRead = []string{"customer 1", "employee 1 staff", "somebody admin", "key somebody admin"}

// eachWay is every way, in the same order in every run.
func eachWay() []string { return slices.Sorted(maps.Keys(ways)) }

// want is what a viewer gets where nothing is cached. Those who may not read the secret must not, which
// shows that the comparisons below mean something.
func (s *shop) want(who, way string) string {
	s.t.Helper()
	answer := s.ask(cached, who, ways[way])
	if !slices.Contains(mayRead, who) && hasSecret(answer) {
		s.t.Fatalf("%q reads it without a cache, %s: %s", who, way, answer)
	}
	return answer
}

func hasSecret(answer string) bool {
	return strings.Contains(answer, secret) || strings.Contains(answer, fmt.Sprint(secretPrice))
}

// TestNeverAnothersValue has those who may read warm each way, on one server and then on the other, and
// everybody ask for it then: what they get is what they get without a cache. Then the other way round:
// what others were refused is not refused to those who may.
func TestNeverAnothersValue(t *testing.T) {
	t.Parallel()
	for _, of := range places {
		t.Run(fmt.Sprint(of.shards, " shards/", of.cache), func(t *testing.T) {
			t.Parallel()
			s := openShop(t, of.shards, of.cache...)
			want, secrets := map[[2]string]string{}, 0
			for _, way := range eachWay() {
				for _, who := range viewers {
					want[[2]string{who, way}] = s.want(who, way)
					if hasSecret(want[[2]string{who, way}]) {
						secrets++
					}
				}
			}
			if secrets < 2*len(ways) {
				t.Fatalf("only %d of the answers have the secret: there is little to leak", secrets)
			}
			check := func(server int, who, way, when string) {
				t.Helper()
				if got := s.ask(server, who, ways[way]); got != want[[2]string{who, way}] {
					t.Errorf("%s, server %d gives %q %s:\n%s\nand without a cache\n%s", when, server, who, way, got, want[[2]string{who, way}])
				}
			}
			for _, way := range eachWay() {
				for _, warmer := range mayRead {
					for range 2 { // the second time it is there
						check(0, warmer, way, "warming")
					}
					check(1, warmer, way, "warming")
					for server := range cached {
						for _, who := range viewers {
							check(server, who, way, "after "+warmer)
						}
					}
				}
			}
			s.forget()
			for _, way := range eachWay() {
				for server := range cached {
					for _, who := range slices.Backward(viewers) { // nobody comes first
						check(server, who, way, "the other way round")
					}
				}
			}
			s.forget()
			rnd := rand.New(rand.NewPCG(uint64(of.shards), 1))
			all := eachWay()
			for range 500 {
				check(rnd.IntN(cached), viewers[rnd.IntN(len(viewers))], all[rnd.IntN(len(all))], "at random")
			}
			s.searchRedis()
			if slices.Contains(of.cache, "--cache-subtrees") {
				s.hasKeptBytes()
			}
		})
	}
}

// hasKeptBytes finds out that whole answers were given out: those that are for everybody.
func (s *shop) hasKeptBytes() {
	s.t.Helper()
	for i, server := range s.Servers[:cached] {
		n, err := server.Metric(s.t.Context(), "backline_cache_lookups_total", `result="local"`, `space="Query.track#bytes"`)
		if err != nil || n == 0 {
			s.t.Errorf("server %d has given out no answer as bytes, so there was nothing to leak: %v", i, err)
		}
	}
}

// forget empties Redis, and with it both processes.
func (s *shop) forget() {
	s.t.Helper()
	c := s.Redis.Client()
	defer c.Close()
	if err := c.FlushAll(s.t.Context()).Err(); err != nil {
		s.t.Fatal(err)
	}
}

// searchRedis looks for the secret in all that lies in Redis: it may lie there only where each viewer has
// a key of their own. (Whose it is cannot be told from a key; that is what the answers are compared for.)
func (s *shop) searchRedis() {
	s.t.Helper()
	c := s.Redis.Client()
	defer c.Close()
	keys, found := c.Scan(s.t.Context(), 0, "backline:cache:*", 1000).Iterator(), 0
	for keys.Next(s.t.Context()) {
		value, err := c.Get(s.t.Context(), keys.Val()).Result()
		if err != nil {
			continue // it is no text, or gone
		}
		found++
		if strings.Contains(value, secret) && !isPrivate(keys.Val()) {
			s.t.Errorf("%q holds the secret, and is not of one viewer", keys.Val())
		}
	}
	if err := keys.Err(); err != nil {
		s.t.Error(err)
	}
	if found < 5 {
		s.t.Errorf("%d values lie in Redis: nothing was cached", found)
	}
}

// TestALeakIsFound: a server that forgets whose a value is gives others what one viewer has warmed, or
// the tests here would show nothing.
func TestALeakIsFound(t *testing.T) {
	t.Parallel()
	for leak, what := range leaks {
		t.Run(leak, func(t *testing.T) {
			t.Parallel()
			s := openLeakingShop(t, leak, 1, caches[len(caches)-1]...)
			leaked := map[string]bool{} // to whom
			for _, way := range eachWay() {
				for _, warmer := range mayRead {
					s.ask(0, warmer, ways[way])
				}
				for _, who := range viewers {
					if !slices.Contains(mayRead, who) && hasSecret(s.ask(1, who, ways[way])) {
						leaked[who] = true
					}
				}
			}
			if len(leaked) == 0 {
				t.Errorf("nobody got what is not theirs, though %s", what)
			}
			t.Logf("%s: %d viewers have what is not theirs", what, len(leaked))
		})
	}
}

// TestWhoLosesSightOfARow: an employee who does not look after a customer any more does not see them,
// whatever was kept for them; nor does the cache hide them from the one who does now.
func TestWhoLosesSightOfARow(t *testing.T) {
	t.Parallel()
	s := openShop(t, 4, caches[len(caches)-1]...)
	for _, to := range []string{"employee 2", "employee 1", "employee 2"} {
		for _, way := range eachWay() {
			for server := range cached {
				for _, who := range viewers {
					s.ask(server, who, ways[way])
				}
			}
		}
		s.moveCustomer(to)
		for _, way := range eachWay() {
			for _, who := range viewers {
				for server := range cached {
					s.until(fmt.Sprintf("server %d gives %q %s as it is when %s looks after them", server, who, way, to), func() (got, want string) {
						return s.ask(server, who, ways[way]), s.ask(cached, who, ways[way])
					})
				}
			}
		}
	}
}

// until waits for two answers to be the same. It takes the feed's lag, or as long as a value lives if
// the feed does not tell of it, which is too long.
func (s *shop) until(what string, ask func() (got, want string)) {
	s.t.Helper()
	for deadline := time.Now().Add(untilTold); ; time.Sleep(5 * time.Millisecond) {
		got, want := ask()
		if got == want {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("waited in vain until %s: it gives\n%s\nand without a cache\n%s", what, got, want)
		}
	}
}
