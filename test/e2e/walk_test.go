package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"backline/resolvers"
	"backline/store"
)

// connection is a list of the schema; one of a parent is walked for several parents.
type connection struct {
	parent string // the type whose objects have the list; "" for a root list
	field  string
	target string
	orders []string // "" is the fixed order
}

// connections finds them in the schema.
func connections() (out []connection) {
	schema := resolvers.Executable(&resolvers.Resolver{}, resolvers.Reference).Schema()
	for _, def := range schema.Types {
		for _, f := range def.Fields {
			target, ok := strings.CutSuffix(f.Type.Name(), "Connection")
			if !ok || f.Arguments.ForName("after") == nil {
				continue
			}
			c := connection{parent: def.Name, field: f.Name, target: target, orders: []string{""}}
			if def == schema.Query {
				c.parent = ""
			}
			if by := f.Arguments.ForName("orderBy"); by != nil {
				c.orders = nil
				for _, v := range schema.Types[by.Type.Name()].EnumValues {
					c.orders = append(c.orders, v.Name)
				}
			}
			out = append(out, c)
		}
	}
	return out
}

// tables by type.
var tables = func() map[string]string {
	out := map[string]string{}
	for table, typ := range types {
		out[typ] = table
	}
	return out
}()

// TestWalk goes through every connection, in every order, forward and backward: each row comes
// once, in order, and backward gives the reverse of forward.
func TestWalk(t *testing.T) {
	t.Parallel()
	for _, shards := range []int{1, 4} {
		s := start(t, shards, resolvers.Breadth)
		t.Run(fmt.Sprint(shards, " shards"), func(t *testing.T) {
			t.Parallel()
			s.walkAll(t)
		})
	}
}

func (s *server) walkAll(t *testing.T) {
	all := connections()
	if len(all) < 16 {
		t.Fatalf("the schema has %d lists only", len(all))
	}
	for _, c := range all {
		parents := []string{""}
		if c.parent != "" {
			parents = s.some(t, c.parent)
		}
		for _, order := range c.orders {
			for _, parent := range parents {
				forward, total := s.walk(t, c.parent, parent, c.field, order, 7, false)
				if len(forward) != total || len(slices.Compact(slices.Sorted(slices.Values(forward)))) != total {
					t.Errorf("%s.%s by %s of %q: %d rows, some twice or not at all; totalCount is %d", c.parent, c.field, order, parent, len(forward), total)
				}
				if c.parent == "" {
					if n := s.count(t, tables[c.target]); n != total {
						t.Errorf("%s by %s: %d of %d rows of the table", c.field, order, total, n)
					}
				}
				backward, _ := s.walk(t, c.parent, parent, c.field, order, 5, true)
				slices.Reverse(backward)
				if !slices.Equal(forward, backward) {
					t.Errorf("%s.%s by %s of %q: backward is not the reverse of forward", c.parent, c.field, order, parent)
				}
			}
		}
	}
}

// walk gives the ids of a list, page by page, in the order in which they came.
func (s *server) walk(t *testing.T, parentType, parent, field, order string, size int, backward bool) (ids []string, total int) {
	t.Helper()
	count, from := "first", "after"
	if backward {
		count, from = "last", "before"
	}
	arguments := fmt.Sprintf("%s: %d, %s: $cursor", count, size, from)
	if order != "" {
		arguments += ", orderBy: " + order
	}
	selection := fmt.Sprintf("list: %s(%s) { nodes { id } edges { cursor node { id } } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }", field, arguments)
	query := "query ($cursor: String) { " + selection + " }"
	if parent != "" {
		query = fmt.Sprintf("query ($cursor: String) { node(id: %q) { ... on %s { %s } } }", parent, parentType, selection)
	}
	type list struct {
		Nodes []struct{ ID string }
		Edges []struct {
			Cursor string
			Node   struct{ ID string }
		}
		TotalCount int
		PageInfo   struct {
			HasNextPage, HasPreviousPage bool
			StartCursor, EndCursor       *string
		}
	}
	var cursor *string
	for range 10_000 {
		var data struct {
			List *list
			Node struct{ List *list }
		}
		s.ask(t, query, map[string]any{"cursor": cursor}, false).into(t, &data)
		l := data.List
		if l == nil {
			l = data.Node.List
		}
		total = l.TotalCount
		page := make([]string, len(l.Nodes))
		for i, n := range l.Nodes {
			page[i] = n.ID
			if l.Edges[i].Node.ID != n.ID {
				t.Fatalf("%s: edge %d is not node %d", query, i, i)
			}
		}
		if len(page) > 0 && (*l.PageInfo.StartCursor != l.Edges[0].Cursor || *l.PageInfo.EndCursor != l.Edges[len(page)-1].Cursor) {
			t.Fatalf("%s: pageInfo's cursors are not those of the edges", query)
		}
		if (backward && l.PageInfo.HasNextPage || !backward && l.PageInfo.HasPreviousPage) != (cursor != nil) {
			t.Fatalf("%s: pageInfo does not know where the page came from", query)
		}
		if backward {
			slices.Reverse(page)
			ids = append(ids, page...)
			if cursor = l.PageInfo.StartCursor; !l.PageInfo.HasPreviousPage {
				return ids, total
			}
		} else {
			ids = append(ids, page...)
			if cursor = l.PageInfo.EndCursor; !l.PageInfo.HasNextPage {
				return ids, total
			}
		}
	}
	t.Fatalf("%s: the list has no end", query)
	return nil, 0
}

// some gives the ids of a few objects of a type, the largest keys and the smallest among them.
func (s *server) some(t *testing.T, typ string) []string {
	t.Helper()
	var out []string
	for _, p := range s.Store.Pools() {
		rows, err := p.Query(t.Context(), "(SELECT id FROM "+tables[typ]+" ORDER BY id LIMIT 2) UNION (SELECT id FROM "+tables[typ]+" ORDER BY id DESC LIMIT 1)")
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var id store.ID
			if err := rows.Scan(&id); err != nil {
				t.Fatal(err)
			}
			out = append(out, store.NodeID{Kind: store.KindOf(typ), ID: id}.String())
		}
	}
	return out
}

// count is how many rows a table has over all shards; a reference table has them on each.
func (s *server) count(t *testing.T, table string) int {
	t.Helper()
	total := 0
	for _, p := range s.Store.Pools() {
		var n int
		if err := p.QueryRow(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if strings.Contains("genre media_type employee", table) {
			return n
		}
		total += n
	}
	return total
}
