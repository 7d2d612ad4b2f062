package store

import (
	"slices"
	"strconv"
	"strings"
)

// An Owner describes those whom the rows of a table belong to. It is generated from @owner.
type Owner struct {
	// Kind is the type of the owner's own row; 0: every row is theirs.
	Kind Kind
	// Column holds the owner's id, in the row itself or Up rows above it, where the rows that it lies
	// with are.
	Column string
	Up     int
	// Scopes are what an owner needs besides: all of one of the lists. Nil: nothing.
	Scopes [][]string
}

// A Gate is what a viewer must be to see any row of a table: signed in, with all of one of the lists
// of scopes. It is generated from @authenticated and @requiresScopes on a type.
type Gate struct{ Scopes [][]string }

// A Reach is how far somebody sees into a table. A nil Reach is the whole table, for everybody.
//
// What is out of reach is left out by the statement, never afterwards: so pages are full, totals are
// right, and an answer takes the same statements whether a row is out of reach or does not exist.
type Reach struct {
	whole   bool
	byScope bool
	held    []held
	key     string
}

// held is a description that somebody meets.
type held struct {
	Owner
	id ID
}

// NewReach is the reach of somebody into a table with owners. id is that of their own row, zero if they
// have none; may tells whether they have all scopes of one of the lists.
func NewReach(owners []Owner, id NodeID, may func(scopes [][]string) bool) *Reach {
	if len(owners) == 0 {
		return nil
	}
	r := &Reach{}
	for i, o := range owners {
		if o.Kind != 0 && o.Kind != id.Kind || o.Scopes != nil && !may(o.Scopes) {
			continue
		}
		r.byScope = r.byScope || o.Scopes != nil
		if o.Kind == 0 {
			return &Reach{whole: true, byScope: r.byScope}
		}
		r.held = append(r.held, held{o, id.ID})
		r.key += strconv.Itoa(i) + ","
	}
	r.key += strconv.FormatInt(int64(id.ID), 36)
	return r
}

// ByScope says that a scope opened what is in reach: whoever reads it does so by a right of their
// office.
func (r *Reach) ByScope() bool { return r != nil && r.byScope }

// restricts says that there may be rows out of reach.
func (r *Reach) restricts() bool { return r != nil && !r.whole }

// condition is the SQL that holds for the rows in reach of the table called alias, with ? for each of
// the values. The rows above lie in the same bucket, so it asks no other shard.
func (r *Reach) condition(t anyTable, alias string) string {
	if len(r.held) == 0 {
		return "false"
	}
	ways := make([]string, len(r.held))
	for i, h := range r.held {
		ways[i] = h.condition(t, alias)
	}
	if len(ways) == 1 {
		return ways[0]
	}
	return "(" + strings.Join(ways, " OR ") + ")"
}

func (h *held) condition(t anyTable, alias string) string {
	if h.Up == 0 {
		return alias + "." + h.Column + " = ?"
	}
	p := t.parent()
	sql := "EXISTS (SELECT 1 FROM " + p.Table.name() + " AS o1"
	where := " WHERE o1.id = " + alias + "." + p.Column + " AND o1.bucket = " + alias + ".bucket"
	above := "o1"
	for i := 2; i <= h.Up; i++ {
		p = p.Table.parent()
		next := "o" + strconv.Itoa(i)
		sql += " JOIN " + p.Table.name() + " AS " + next + " ON " + next + ".id = " + above + "." + p.Column + " AND " + next + ".bucket = o1.bucket"
		above = next
	}
	return sql + where + " AND " + above + "." + h.Column + " = ?)"
}

func (r *Reach) values() []string {
	v := make([]string, len(r.held))
	for i, h := range r.held {
		v[i] = strconv.FormatInt(int64(h.id), 10)
	}
	return v
}

// Within narrows a window to the rows in reach, and with it the totals of its pages.
func (w *Window[T]) Within(r *Reach) *Window[T] {
	if !r.restricts() {
		return w
	}
	narrow := *w
	c := &narrow.where
	c.sql, c.values = slices.Clip(c.sql), slices.Clip(c.values) // those of w stay as they are
	c.add(r.condition(w.list.Table, "t"), r.values()...)
	narrow.key += " within " + r.key
	return &narrow
}

// A view is what the reaches of a table and of the parents that come along add to the statement that
// reads its rows by id. A parent out of reach does not come along, as one that does not exist; of the
// row itself the last column says whether it is in reach, so that a denial can be told from a miss.
// A nil view adds nothing.
type view struct {
	own     string   // the condition for the row; "" restricts nothing
	parents []string // for each parent
	values  []string
}

// A Reacher knows how far somebody sees into tables with owners.
type Reacher interface {
	Reach(owners []Owner) *Reach
}

func owners(t anyTable) []Owner {
	all, _ := t.who()
	return all
}

// viewOf is the view of a table and the parents above it, nil where nothing is restricted: public
// tables cost a look.
func viewOf(t anyTable, parents []Parent, by Reacher) *view {
	isOwned := func(p Parent) bool { return owners(p.Table) != nil }
	if by == nil || owners(t) == nil && !slices.ContainsFunc(parents, isOwned) {
		return nil
	}
	v, restricts := &view{parents: make([]string, len(parents))}, false
	add := func(t anyTable, alias string) string {
		r := by.Reach(owners(t))
		if !r.restricts() {
			return ""
		}
		restricts = true
		v.values = append(v.values, r.values()...)
		return r.condition(t, alias)
	}
	v.own = add(t, "t")
	for i, p := range parents {
		v.parents[i] = add(p.Table, parentAlias(i))
	}
	if !restricts {
		return nil
	}
	return v
}

// parentAlias is what parent i is called in a statement that reads rows by id.
func parentAlias(i int) string { return "p" + strconv.Itoa(i+1) }

// key tells views apart that need other statements.
func (v *view) key() string {
	if v == nil {
		return ""
	}
	return v.own + "\x00" + strings.Join(v.parents, "\x00")
}

// params are the ids, and what the view adds.
func (v *view) params(ids []ID) []Param {
	p := []Param{keysParam(ids)}
	if v != nil {
		for _, value := range v.values {
			p = append(p, textParam(value))
		}
	}
	return p
}

// column is the SQL of the column that says whether a row is in reach; "" if all are.
func (v *view) column(params *sqlBuilder) string {
	if v == nil || v.own == "" {
		return ""
	}
	return ", " + params.number(v.own)
}

// join is what the view demands of parent i.
func (v *view) join(params *sqlBuilder, i int) string {
	if v == nil || v.parents[i] == "" {
		return ""
	}
	return " AND " + params.number(v.parents[i])
}

// admits says whether a row is in reach, by the last of its values.
func (v *view) admits(values [][]byte) bool {
	if v == nil || v.own == "" {
		return true
	}
	last := values[len(values)-1]
	return len(last) == 1 && last[0] == 1
}
