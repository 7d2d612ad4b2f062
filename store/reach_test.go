package store_test

import (
	"fmt"
	"strings"
	"testing"

	"backline/store"
)

// owned are rows that belong to their customer, to staff who look after them, and to admins.
func owned() []store.Owner {
	return []store.Owner{
		{Kind: store.KindCustomer, Column: "customer_id"},
		{Kind: store.KindEmployee, Column: "support_rep_id", Up: 1, Scopes: [][]string{{"staff"}}},
		{Scopes: [][]string{{"admin"}, {"auditor", "sales"}}},
	}
}

// has is a viewer with some scopes.
func has(scopes ...string) func(ways [][]string) bool {
	return func(ways [][]string) bool {
		for _, all := range ways {
			n := 0
			for _, s := range all {
				for _, own := range scopes {
					if s == own {
						n++
					}
				}
			}
			if n == len(all) {
				return true
			}
		}
		return false
	}
}

func TestReach(t *testing.T) {
	t.Parallel()
	customer, employee := store.NodeID{Kind: store.KindCustomer, ID: 7}, store.NodeID{Kind: store.KindEmployee, ID: 8}
	const byCustomer = "t.customer_id = ?"
	const byStaff = "EXISTS (SELECT 1 FROM customer AS o1 WHERE o1.id = t.customer_id AND o1.bucket = t.bucket AND o1.support_rep_id = ?)"
	for name, c := range map[string]struct {
		reach   *store.Reach
		sql     string // "" restricts nothing
		values  string
		byScope bool
	}{
		"nobody":                    {store.NewReach(owned(), store.NodeID{}, has()), "false", "", false},
		"a customer":                {store.NewReach(owned(), customer, has()), byCustomer, "7", false},
		"a customer with a scope":   {store.NewReach(owned(), customer, has("staff")), byCustomer, "7", false},
		"staff":                     {store.NewReach(owned(), employee, has("staff")), byStaff, "8", true},
		"an employee":               {store.NewReach(owned(), employee, has()), "false", "", false},
		"an admin":                  {store.NewReach(owned(), employee, has("admin")), "", "", true},
		"half of two scopes":        {store.NewReach(owned(), store.NodeID{}, has("auditor")), "false", "", false},
		"two scopes":                {store.NewReach(owned(), store.NodeID{}, has("auditor", "sales")), "", "", true},
		"somebody of another table": {store.NewReach(owned(), store.NodeID{Kind: store.KindTrack, ID: 7}, has("staff")), "false", "", false},
		"everybody, of public rows": {store.NewReach(nil, store.NodeID{}, has()), "", "", false},
		"a customer, in two ways":   {store.NewReach(append(owned(), store.Owner{Kind: store.KindCustomer, Column: "payer_id"}), customer, has()), "(" + byCustomer + " OR t.payer_id = ?)", "7 7", false},
		"rows two above":            {store.NewReach([]store.Owner{{Kind: store.KindEmployee, Column: "support_rep_id", Up: 2}}, employee, has()), "", "8", false},
	} {
		condition := c.reach.OfInvoices
		if name == "rows two above" {
			condition = c.reach.OfLines
			c.sql = "EXISTS (SELECT 1 FROM invoice AS o1 JOIN customer AS o2 ON o2.id = o1.customer_id AND o2.bucket = o1.bucket WHERE o1.id = t.invoice_id AND o1.bucket = t.bucket AND o2.support_rep_id = ?)"
		}
		sql, values := condition()
		if sql != c.sql || strings.Join(values, " ") != c.values || c.reach.ByScope() != c.byScope {
			t.Errorf("%s: %q with %q, by scope: %v", name, sql, values, c.reach.ByScope())
		}
	}
}

// TestWithinKeepsWindowsApart: a narrowed window shares neither key nor conditions with the one that
// it came from, nor with that of somebody else.
func TestWithinKeepsWindowsApart(t *testing.T) {
	t.Parallel()
	country := "Norway"
	w, err := store.Customers.Window(store.PageArgs{}, store.CustomerOrderID.Order(), &store.CustomerFilter{Country: &country})
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]string{w.Key(): "everybody"}
	for i := range 5 {
		reach := store.NewReach(store.CustomerTable.Owners, store.NodeID{Kind: store.KindCustomer, ID: store.ID(i + 1)}, has())
		n := w.Within(reach)
		if other, taken := keys[n.Key()]; taken {
			t.Errorf("viewer %d has the window of %s", i, other)
		}
		keys[n.Key()] = fmt.Sprint("viewer ", i)
	}
	if w.Within(nil) != w {
		t.Error("a whole table narrows a window")
	}
}

// BenchmarkReach is what rights cost a batch of rows that have owners.
func BenchmarkReach(b *testing.B) {
	b.ReportAllocs()
	may := has("staff")
	for b.Loop() {
		store.NewReach(store.CustomerTable.Owners, store.NodeID{Kind: store.KindEmployee, ID: 8}, may)
	}
}
