package loaders_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"backline/graph/rights"
	"backline/loaders"
	"backline/loaders/fieldcache"
	"backline/store"
	"backline/store/shard"
	"backline/store/storetest"
)

// audited is an auditor that keeps what it is told.
type audited struct {
	mu    sync.Mutex
	lines []string
}

func (a *audited) add(ctx context.Context, event, what string, n int, id func(i int) string) {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = id(i)
	}
	slices.Sort(ids)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lines = append(a.lines, fmt.Sprintf("%s %s %s by %s", event, what, strings.Join(ids, " "), rights.Of(ctx).Subject))
}

func (a *audited) Denied(ctx context.Context, what string, n int, id func(i int) string) {
	a.add(ctx, "denied", what, n, id)
}

func (a *audited) Privileged(ctx context.Context, what string, n int, id func(i int) string) {
	a.add(ctx, "privileged", what, n, id)
}

func (a *audited) take() string {
	slices.Sort(a.lines)
	out := strings.Join(a.lines, "\n")
	a.lines = nil
	return out
}

// shop has two customers, each with an invoice of one line; the first is looked after by employee 1.
func shop(t *testing.T, shards int) (c *storetest.Cluster, customers, invoices, lines []store.NodeID) {
	t.Helper()
	c = storetest.NewCluster(t, shards)
	for i := range shards {
		var sql strings.Builder
		employee, err := shard.Imported(1, 0)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&sql, "INSERT INTO employee (id, first_name, last_name) VALUES (%d, 'Eve', 'Adams');", employee)
		for n := range int64(2) {
			id, err := shard.Imported(n+1, shard.BucketOf(n+1))
			if err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				customers = append(customers, store.NodeID{Kind: store.KindCustomer, ID: id})
				invoices = append(invoices, store.NodeID{Kind: store.KindInvoice, ID: id})
				lines = append(lines, store.NodeID{Kind: store.KindInvoiceLine, ID: id})
			}
			if c.Store.Topology().Owner(id.Bucket()) != i {
				continue
			}
			rep := "NULL"
			if n == 0 {
				rep = fmt.Sprint(employee)
			}
			fmt.Fprintf(&sql, "INSERT INTO customer (id, bucket, first_name, last_name, email, support_rep_id) VALUES (%[1]d, %[2]d, 'A', 'B', 'c', %[3]s);"+
				"INSERT INTO invoice (id, bucket, invoice_date, total, customer_id) VALUES (%[1]d, %[2]d, now(), 1, %[1]d);"+
				"INSERT INTO invoice_line (id, bucket, unit_price, quantity, invoice_id, track_id) VALUES (%[1]d, %[2]d, 1, 1, %[1]d, %[1]d);", id, id.Bucket(), rep)
		}
		c.ExecOn(t, i, sql.String())
	}
	return c, customers, invoices, lines
}

// TestReachAndAudit: everybody sees what is theirs, and the audit log has it, whether there is no cache, an
// empty one, or one that somebody else or they themselves have filled.
func TestReachAndAudit(t *testing.T) {
	t.Parallel()
	kept := openCache(t, fieldcache.Config{LocalBytes: 1 << 20})
	inRedis := openCache(t, fieldcache.Config{})
	for i, cache := range []*fieldcache.Cache{nil, nil, kept, kept, inRedis, inRedis} {
		shards := 1 + i%2 // the rows are the same on each number
		c, customers, invoices, lines := shop(t, shards)
		employee := store.NodeID{Kind: store.KindEmployee, ID: 1 << 22}
		for who, test := range map[string]struct {
			viewer *rights.Viewer
			sees   []bool // the rows of each customer
			audit  string
		}{
			"nobody": {nil, []bool{false, false}, fmt.Sprintf("denied Customer %s %s by ", customers[0], customers[1])},
			"a customer": {
				&rights.Viewer{ID: customers[0].String(), Subject: "one", Via: rights.ViaToken}, []bool{true, false},
				fmt.Sprintf("denied Customer %s by one", customers[1]),
			},
			"staff": {
				&rights.Viewer{ID: employee.String(), Subject: "eve", Scopes: []string{"staff"}, Via: rights.ViaToken}, []bool{true, false},
				fmt.Sprintf("denied Customer %s by eve\nprivileged Customer %s by eve", customers[1], customers[0]),
			},
			"an admin": {
				&rights.Viewer{Subject: "root", Scopes: []string{"admin"}, Via: rights.ViaKey}, []bool{true, true},
				fmt.Sprintf("privileged Customer %s %s by root", customers[0], customers[1]),
			},
		} {
			a := &audited{}
			options := loaders.Options{Store: c.Store, Auditor: a, Cache: cache}
			ctx := loaders.Attach(rights.With(t.Context(), test.viewer), &options, true)
			l := loaders.For(ctx)
			wave(ctx, func() {
				rows, err := l.CustomerByID.LoadAll(ctx, 2, func(i int) store.ID { return customers[i].ID })
				if err != nil || rows[0] != nil != test.sees[0] || rows[1] != nil != test.sees[1] {
					t.Errorf("%s gets %v, %v", who, rows, err)
				}
			})
			if got := a.take(); got != test.audit {
				t.Errorf("%s: the audit log has\n%s\nnot\n%s", who, got, test.audit)
			}
			sees := 0
			for i, seen := range test.sees {
				if seen {
					sees++
				}
				wave(ctx, func() { // the rows above come along, if they may be seen
					row, err := l.InvoiceLineByID.LoadOne(ctx, lines[i].ID, "invoice", "invoice.customer")
					if err != nil || row != nil != seen {
						t.Errorf("%s gets line %d: %v, %v", who, i, row, err)
					}
				})
				before := loaders.TraceOf(ctx).Statements
				wave(ctx, func() {
					row, err := l.InvoiceByID.LoadOne(ctx, invoices[i].ID)
					if err != nil || row != nil != seen {
						t.Errorf("%s gets invoice %d: %v, %v", who, i, row, err)
					}
				})
				if asked := loaders.TraceOf(ctx).Statements > before; asked == seen && cache == nil {
					t.Errorf("%s: invoice %d came along: %v", who, i, !asked)
				}
			}
			w, err := store.Customers.Window(store.PageArgs{}, store.CustomerOrderID.Order(), nil)
			if err != nil {
				t.Fatal(err)
			}
			wave(ctx, func() {
				page, err := l.Customers.Load(ctx, w)
				if err != nil || len(page.Nodes) != sees {
					t.Errorf("%s gets a page of %d, %v", who, len(page.Nodes), err)
					return
				}
				totals, err := l.Totals.LoadAll(ctx, 1, func(int) store.Total { return page.Total() })
				if err != nil || int(totals[0]) != sees {
					t.Errorf("%s gets a total of %d, %v", who, totals[0], err)
				}
			})
			wantsLine := test.viewer != nil && len(test.viewer.Scopes) > 0
			if got := strings.Contains(a.take(), "privileged Query.customers"); got != wantsLine {
				t.Errorf("%s: the list is in the audit log: %v", who, got)
			}
		}
	}
}

// TestGate: whoever does not pass a type's gate gets an error, and nothing is loaded.
func TestGate(t *testing.T) {
	t.Parallel()
	f := setup(t, 1)
	ctx := loaders.Attach(t.Context(), &f.options, true)
	wave(ctx, func() {
		_, err := loaders.For(ctx).LoadNodes(ctx, []store.NodeID{{Kind: store.KindArtist, ID: artistID(t, 1)}, {Kind: store.KindEmployee, ID: 1 << 22}})
		if coded, ok := err.(interface{ Code() string }); !ok || coded.Code() != rights.CodeUnauthenticated {
			t.Errorf("the error is %v", err)
		}
	})
	if n := loaders.TraceOf(ctx).Statements; n != 0 {
		t.Errorf("%d statements", n)
	}
}
