package e2e

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"backline/graph/rights"
	"backline/resolvers"
	"backline/store"
)

// sales are the rows of one customer, and of the employee who looks after them.
type sales struct{ customer, invoice, line, employee store.NodeID }

func (s *server) salesOf(t *testing.T, condition string) sales {
	t.Helper()
	out := sales{
		customer: store.NodeID{Kind: store.KindCustomer}, invoice: store.NodeID{Kind: store.KindInvoice},
		line: store.NodeID{Kind: store.KindInvoiceLine}, employee: store.NodeID{Kind: store.KindEmployee},
	}
	for _, p := range s.Store.Pools() {
		err := p.QueryRow(t.Context(), `SELECT c.id, i.id, l.id, c.support_rep_id FROM customer c JOIN invoice i ON i.customer_id = c.id
			JOIN invoice_line l ON l.invoice_id = i.id WHERE `+condition+` ORDER BY c.id, i.id, l.id LIMIT 1`).
			Scan(&out.customer.ID, &out.invoice.ID, &out.line.ID, &out.employee.ID)
		if err == nil {
			return out
		}
	}
	t.Fatalf("no customer with %s", condition)
	return out
}

// missing is an id in the bucket of another that no row has.
func missing(id store.NodeID) store.NodeID {
	id.ID += 999
	return id
}

// people are those who ask in the tests below. Of ours they are the customer and who looks after them;
// theirs is another customer, whom somebody else looks after.
type people struct {
	ours, theirs             sales
	customer, staff, retired *rights.Viewer
}

func (s *server) people(t *testing.T) people {
	t.Helper()
	var p people
	p.ours = s.salesOf(t, "c.support_rep_id IS NOT NULL")
	p.theirs = s.salesOf(t, fmt.Sprintf("c.support_rep_id <> %d", p.ours.employee.ID))
	p.customer = person(p.ours.customer)
	p.staff = person(p.ours.employee, "staff")
	p.retired = person(p.ours.employee)
	return p
}

func person(id store.NodeID, scopes ...string) *rights.Viewer {
	return &rights.Viewer{ID: id.String(), Subject: id.String(), Scopes: scopes, Via: rights.ViaToken}
}

// ways lead to a row by its id: $it.
var ways = map[string]string{
	"get a customer":    `query ($it: ID!) { customer(id: $it) { id email invoices(first: 3) { totalCount nodes { total } } supportRep { lastName } } }`,
	"customer by node":  `query ($it: ID!) { node(id: $it) { __typename id ... on Customer { email invoices(first: 3) { totalCount } } } }`,
	"customer by nodes": `query ($it: ID!) { nodes(ids: [$it, $it]) { __typename id ... on Customer { email } } }`,
	"customer by alias": `query ($it: ID!) { a: customer(id: $it) { ...F } b: node(id: $it) { ...F } } fragment F on Customer { one: email two: lastName }`,
	"get an invoice":    `query ($it: ID!) { invoice(id: $it) { id total customer { email supportRep { lastName } } lines(first: 5) { totalCount nodes { unitPrice } } } }`,
	"invoice by node":   `query ($it: ID!) { node(id: $it) { id ... on Invoice { total customer { email } } } }`,
	"line by node":      `query ($it: ID!) { node(id: $it) { id ... on InvoiceLine { unitPrice invoice { total customer { email invoices(first: 1) { totalCount } } } track { name } } } }`,
	"line by nodes":     `query ($it: ID!) { nodes(ids: [$it]) { id ... on Node { id } ... on InvoiceLine { unitPrice invoice { id } } } }`,
}

func (s sales) of(way string) store.NodeID {
	switch {
	case strings.Contains(way, "customer"):
		return s.customer
	case strings.Contains(way, "invoice"):
		return s.invoice
	default:
		return s.line
	}
}

// TestDeniedLooksAbsent asks for rows that exist and are somebody else's, and for rows that do not
// exist: the answers are the same bytes and took the same statements, of both executors. Those who may
// see the rows see them.
func TestDeniedLooksAbsent(t *testing.T) {
	t.Parallel()
	for _, shards := range []int{1, 4} {
		s := start(t, shards, resolvers.Breadth)
		reference := serve(t, s.Cluster, resolvers.Reference)
		p := s.people(t)
		denied := map[string]*rights.Viewer{
			"nobody": nil, "another customer": p.customer, "other staff": p.staff,
			"an employee without the scope": person(p.theirs.employee), "a service without scopes": {Subject: "reports", Via: rights.ViaKey},
			"a scope without a row":     {Subject: "reports", Scopes: []string{"staff"}, Via: rights.ViaKey},
			"scopes without credential": {ID: p.theirs.customer.String(), Scopes: []string{"admin", "staff"}},
		}
		for way, query := range ways {
			t.Run(fmt.Sprint(shards, " shards/", way), func(t *testing.T) {
				t.Parallel()
				theirs := p.theirs.of(way)
				ask := func(s *server, v *rights.Viewer, id store.NodeID) response {
					return s.as(v).ask(t, query, map[string]any{"it": id.String()}, true)
				}
				for who, v := range denied {
					denied, absent := ask(s, v, theirs), ask(s, v, missing(theirs))
					if !bytes.Equal(denied.Data, absent.Data) || denied.messages() != absent.messages() {
						t.Errorf("%s: denied is\n%s %s\nand absent\n%s %s", who, denied.Data, denied.messages(), absent.Data, absent.messages())
					}
					if d, a := planOf(denied.Extensions.Backline).bytes(), planOf(absent.Extensions.Backline).bytes(); !bytes.Equal(d, a) || len(d) == 0 {
						t.Errorf("%s: denied took\n%s\nand absent\n%s", who, d, a)
					}
					if strings.Contains(string(denied.Data), theirs.String()) {
						t.Errorf("%s sees it: %s", who, denied.Data)
					}
					if r := ask(reference, v, theirs); !bytes.Equal(r.Data, denied.Data) || r.messages() != denied.messages() {
						t.Errorf("%s: the reference executor answers otherwise:\n%s %s", who, r.Data, r.messages())
					}
				}
				for who, v := range map[string]*rights.Viewer{
					"the owner": person(p.theirs.customer), "staff": person(p.theirs.employee, "staff"), "an admin": admin,
				} {
					got := ask(s, v, theirs)
					if len(got.Errors) > 0 || strings.Contains(string(got.Data), "null") {
						t.Errorf("%s does not see it: %s %s", who, got.Data, got.messages())
					}
					if r := ask(reference, v, theirs); !bytes.Equal(r.Data, got.Data) || r.messages() != got.messages() {
						t.Errorf("%s: the reference executor answers otherwise:\n%s %s", who, r.Data, r.messages())
					}
				}
			})
		}
	}
}

// TestListsHoldWhatIsTheirs walks lists of customers, invoices and lines as those who see a part of
// them: pages are full, totals are theirs, and backward is the reverse of forward.
func TestListsHoldWhatIsTheirs(t *testing.T) {
	t.Parallel()
	for _, shards := range []int{1, 4} {
		s := start(t, shards, resolvers.Breadth)
		p := s.people(t)
		rep := p.ours.employee
		for who, c := range map[string]struct {
			viewer    *rights.Viewer
			customers string
		}{
			"a customer":                    {p.customer, fmt.Sprintf("id = %d", p.ours.customer.ID)},
			"staff":                         {p.staff, fmt.Sprintf("support_rep_id = %d", rep.ID)},
			"an employee without the scope": {p.retired, "false"},
			"an admin":                      {admin, "true"},
		} {
			t.Run(fmt.Sprint(shards, " shards/", who), func(t *testing.T) {
				t.Parallel()
				s := s.as(c.viewer)
				want := s.ids(t, "Customer", "customer WHERE "+c.customers)
				got := s.both(t, "", "", "customers", "LAST_NAME")
				if !slices.Equal(slices.Sorted(slices.Values(got)), want) {
					t.Errorf("%d customers, want %d", len(got), len(want))
				}
				invoices := s.both(t, "Customer", p.ours.customer.String(), "invoices", "DATE_DESC")
				if all := s.ids(t, "Invoice", fmt.Sprintf("invoice WHERE customer_id = %d AND customer_id IN (SELECT id FROM customer WHERE %s)", p.ours.customer.ID, c.customers)); len(invoices) != len(all) {
					t.Errorf("%d invoices, want %d", len(invoices), len(all))
				}
				if !c.viewer.Has("staff") && !c.viewer.Has("admin") {
					return
				}
				for _, e := range []store.NodeID{rep, p.theirs.employee} {
					want := s.ids(t, "Customer", fmt.Sprintf("customer WHERE support_rep_id = %d AND %s", e.ID, c.customers))
					if got := s.both(t, "Employee", e.String(), "customers", "ID"); !slices.Equal(slices.Sorted(slices.Values(got)), want) {
						t.Errorf("%d customers of %s, want %d", len(got), e, len(want))
					}
				}
			})
		}
	}
}

// ids are those of the rows that match, in order.
func (s *server) ids(t *testing.T, typ, from string) []string {
	t.Helper()
	var out []string
	for _, p := range s.Store.Pools() {
		rows, err := p.Query(t.Context(), "SELECT id FROM "+from)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			id := store.NodeID{Kind: store.KindOf(typ)}
			if err := rows.Scan(&id.ID); err != nil {
				t.Fatal(err)
			}
			out = append(out, id.String())
		}
	}
	slices.Sort(out)
	return out
}

// both walks a list in both directions.
func (s *server) both(t *testing.T, parentType, parent, field, order string) []string {
	t.Helper()
	if parent != "" && string(s.ask(t, `query ($id: ID!) { node(id: $id) { id } }`, map[string]any{"id": parent}, false).Data) == `{"node":null}` {
		return nil
	}
	forward, total := s.walk(t, parentType, parent, field, order, 3, false)
	backward, _ := s.walk(t, parentType, parent, field, order, 4, true)
	slices.Reverse(backward)
	if !slices.Equal(forward, backward) || len(forward) != total {
		t.Errorf("%s.%s: %d rows forward, %d backward, a total of %d", parentType, field, len(forward), len(backward), total)
	}
	return forward
}

// TestCursorsOfOthers: a cursor that somebody else got leads to no row of theirs, and a filter finds
// none.
func TestCursorsOfOthers(t *testing.T) {
	t.Parallel()
	s := start(t, 4, resolvers.Breadth)
	p := s.people(t)
	var all struct {
		Customers struct {
			Edges []struct {
				Cursor string
				Node   struct{ ID, LastName string }
			}
		}
	}
	s.ask(t, `{ customers(first: 100, orderBy: ID) { edges { cursor node { id lastName } } } }`, nil, false).into(t, &all)
	ours := p.ours.customer.String()
	for i, e := range all.Customers.Edges {
		before := !slices.ContainsFunc(all.Customers.Edges[:i+1], func(e struct {
			Cursor string
			Node   struct{ ID, LastName string }
		}) bool {
			return e.Node.ID == ours
		})
		r := s.as(p.customer).ask(t, `query ($c: String, $name: String) {
			after: customers(first: 5, after: $c, orderBy: ID) { totalCount nodes { id } pageInfo { hasNextPage } }
			named: customers(filter: {lastNameStartsWith: $name}) { totalCount nodes { id } }
		}`, map[string]any{"c": e.Cursor, "name": e.Node.LastName}, false)
		var got struct {
			After, Named struct {
				TotalCount int
				Nodes      []struct{ ID string }
				PageInfo   struct{ HasNextPage bool }
			}
		}
		r.into(t, &got)
		if got.After.PageInfo.HasNextPage || got.After.TotalCount != 1 || (len(got.After.Nodes) == 1) != before {
			t.Fatalf("behind the cursor of %s: %s", e.Node.ID, r.Data)
		}
		for _, n := range slices.Concat(got.After.Nodes, got.Named.Nodes) {
			if n.ID != ours {
				t.Fatalf("%s is seen", n.ID)
			}
		}
		if got.Named.TotalCount != len(got.Named.Nodes) {
			t.Fatalf("a filter tells of others: %s", r.Data)
		}
	}
}
