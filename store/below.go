package store

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Rows whose children are wanted too need not be waited for: one statement reads a page of each parent and
// the children of all rows on them, `WITH p AS (…) SELECT … FROM p UNION ALL SELECT … WHERE child.parent =
// ANY (ARRAY(SELECT id FROM p))`. It saves the round trip of a level, and the statement. It takes Postgres
// what the two would take (50 artists with 60 albums and 580 tracks: 389 µs for all of the request instead
// of 390), while a join of the two takes half as much again, since it sends a parent with each child. Being
// one statement it has one snapshot, so that a row without children is known to have none.
//
// Only short lists are read so, those that are read as a whole anyway: nothing comes that is not on a page.
// Should one turn out to be long, it is read up to a bound, what is complete is used, and from then on the
// list is asked for by itself.

// mostBelow bounds the children that one statement brings.
const mostBelow = 4096

// Below is a window of the children of a list's rows, to come with them: a *Window.
type Below interface {
	// comesWith says whether the children of rows of a kind may come with them.
	comesWith(k Kind) bool
	children(needs *Needs) Children
}

// Children are the pages of children that came with rows: a *ChildPages.
type Children interface {
	// Field is that of their list, "Album.tracks".
	Field() string
	kind() Kind
	// columns are those of a child.
	columns() *choice
	// parentAt is the column among these that names the parent.
	parentAt() int
	// from is the SQL behind the columns, for children of the rows that parents reads the ids of.
	from(parents, limit string) string
	// reader takes the children of part i.
	reader(i int) func(v [][]byte)
	// drop forgets what part i gave.
	drop(i int)
	// doubt has the list asked for by itself from now on.
	doubt()
	// cover says which rows part i has the children of, if they have come.
	cover(i int, rows []ID)
}

func (w *Window[T]) comesWith(k Kind) bool {
	return w.list.MayComeWith(k) && w.plain() && w.list.length.holds(w.limit)
}

// MayComeWith says whether children of this list may come with their parents, if these are of kind k and the
// list is short: rows that not everybody may see are not read before it is known that somebody does.
func (l *List[T]) MayComeWith(k Kind) bool {
	owners, gate := l.Table.who()
	return owners == nil && gate == nil && l.Colocated && strings.HasPrefix(l.Field, k.String()+".")
}

// IsShort says that no parent has more rows than a page may have, as far as is known.
func (l *List[T]) IsShort() bool { return l.length.holds(MaxPageSize) }

func (w *Window[T]) children(needs *Needs) Children {
	l := w.list
	return &ChildPages[T]{
		window: w, chosen: l.Table.choose(needs.columns(l.Table.Kind) | l.Table.column(l.ID) | l.Table.column(l.Parent)),
	}
}

// withBelow is a statement of this list that brings children as well, nil if there are too many: clients
// choose what they select. A row of it has the columns of a child, and in these those of a parent that are of
// the same types; the column that names the parent tells the two apart. What finds no room so stands behind
// (of 580 tracks and 60 albums, which find room, 1,740 columns of NULL were 25 µs).
func (l *List[T]) withBelow(page *Statement, parents *choice, c Children, params int) *together {
	chosen := c.columns()
	key := belowKey{page, c.Field(), chosen.set}
	if l.below.full(key) {
		return nil
	}
	return l.below.get(key, func() *together {
		s := &together{child: len(chosen.places), told: c.parentAt(), at: make([]int, len(parents.places))}
		names, formats := parents.names("p"), chosen.formats()
		ofParent := slices.Repeat([]string{"NULL"}, s.child)
		ofChild := chosen.names("t")
		free, types := chosen.types(), parents.types()
		free[s.told] = ""
		for i, name := range names {
			at := slices.Index(free, types[i])
			if at < 0 || types[i] == "" {
				at = len(ofParent)
				ofParent, ofChild = append(ofParent, ""), append(ofChild, "NULL")
				formats = append(formats, page.formats[i])
			} else {
				free[at] = ""
			}
			ofParent[at], s.at[i] = name, at
		}
		s.Statement = newStatement("WITH p AS MATERIALIZED ("+page.SQL+") SELECT "+strings.Join(ofParent, ", ")+" FROM p UNION ALL (SELECT "+
			strings.Join(ofChild, ", ")+c.from("SELECT p."+l.Table.Columns[0]+" FROM p", "$"+strconv.Itoa(params+1))+")", formats)
		return s
	})
}

// together is a statement that reads rows and their children.
type together struct {
	*Statement
	child int   // columns of a child, which stand in front
	told  int   // the column that names the parent, NULL in a parent's own row
	at    []int // the columns of a parent
}

// bring has part i of a query read the children c of its rows as well. Where the rows are asked for once
// more they are asked for alone; so they are if the statement fails, since children must not take the rows
// that they belong to with them.
func (l *List[T]) bring(c Children, i int, p *Part, parents *choice, alone func(p *Part)) {
	both := l.withBelow(p.Statement, parents, c, len(p.Params))
	if both == nil {
		return
	}
	row, child, again, values := p.Row, c.reader(i), p.again, make([][]byte, len(both.at))
	p.Statement, p.Params = both.Statement, append(p.Params, limitParam(mostBelow))
	p.Row = func(v [][]byte) {
		if v[both.told] != nil {
			child(v[:both.child])
			return
		}
		for i, at := range both.at {
			values[i] = v[at]
		}
		row(values)
	}
	p.again = func(p *Part) bool {
		if again == nil || !again(p) {
			return false
		}
		c.drop(i)
		p.instead = nil
		return true
	}
	p.instead = func(p *Part) {
		c.drop(i)
		c.doubt()
		p.again, p.instead = nil, nil
		alone(p)
	}
}

// belowKey tells the statements that bring children apart.
type belowKey struct {
	page    *Statement
	field   string
	columns Columns
}

// ChildPages are the pages of the children that came with the rows of a list.
type ChildPages[T any] struct {
	window  *Window[T]
	chosen  *choice
	parts   []*childPart[T]
	parents []ID // whose children have come
	pages   []Page[T]
}

// childPart are the children that one shard gave, parent by parent, with ascending ids.
type childPart[T any] struct {
	rows    []*T
	parents []ID
	ends    []int32 // of the rows of each parent
	isLost  bool
}

// Field is that of the list, "Album.tracks".
func (c *ChildPages[T]) Field() string { return c.window.list.Field }

// Window is what was asked for.
func (c *ChildPages[T]) Window() *Window[T] { return c.window }

// Pages are the parents whose children have come, and the page of each.
func (c *ChildPages[T]) Pages() ([]ID, []Page[T]) { return c.parents, c.pages }

func (c *ChildPages[T]) kind() Kind       { return c.window.list.Table.Kind }
func (c *ChildPages[T]) columns() *choice { return c.chosen }

func (c *ChildPages[T]) parentAt() int {
	t := c.window.list.Table
	return slices.IndexFunc(c.chosen.places, func(at uint16) bool { return t.Columns[at] == c.window.list.Parent })
}

func (c *ChildPages[T]) from(parents, limit string) string {
	l := c.window.list
	return " FROM " + l.Table.Name + " AS t WHERE t." + l.Parent +
		" = ANY (ARRAY(" + parents + ")) ORDER BY t." + l.Parent + ", t." + l.ID + " LIMIT " + limit
}

func (c *ChildPages[T]) reader(i int) func(v [][]byte) {
	for len(c.parts) <= i {
		c.parts = append(c.parts, nil)
	}
	l := c.window.list
	expected := l.size.get()
	part := &childPart[T]{rows: make([]*T, 0, expected)}
	c.parts[i] = part
	d, rows := &Decoder{expected: expected * textOfRow}, slab[T]{expected: expected}
	return func(v [][]byte) {
		row := rows.next()
		l.Table.Decode(d, row, c.chosen.places, v)
		parent, last := l.ParentOf(row), len(part.parents)-1
		switch {
		case last >= 0 && parent == part.parents[last]:
			part.ends[last]++
		case last >= 0 && parent < part.parents[last]:
			part.isLost = true // not as they were asked for
		default:
			part.parents, part.ends = append(part.parents, parent), append(part.ends, int32(len(part.rows)+1)) //nolint:gosec // bounded
		}
		part.rows = append(part.rows, row)
	}
}

func (c *ChildPages[T]) drop(i int) {
	if i < len(c.parts) {
		c.parts[i] = nil
	}
}

func (c *ChildPages[T]) doubt() { c.window.list.length.learn(math.MaxInt32, 0) }

func (c *ChildPages[T]) cover(i int, rows []ID) {
	if i >= len(c.parts) || c.parts[i] == nil || c.parts[i].isLost {
		return
	}
	part, l := c.parts[i], c.window.list
	l.size.set(len(part.rows))
	complete, longest, whole := ID(math.MaxInt64), 0, 0
	if last := len(part.parents) - 1; len(part.rows) >= mostBelow {
		complete, longest = part.parents[last], len(part.of(last)) // there may be more of it, and behind it
	}
	c.parents, c.pages = slices.Grow(c.parents, len(rows)), slices.Grow(c.pages, len(rows))
	for _, parent := range rows {
		if parent >= complete {
			continue
		}
		var children []*T
		if at, found := slices.BinarySearchFunc(part.parents, parent, cmp.Compare); found {
			children = part.of(at)
		}
		if longest = max(longest, len(children)); len(children) <= c.window.limit {
			whole++
		}
		c.parents, c.pages = append(c.parents, parent), append(c.pages, c.window.page(children, parent))
	}
	l.length.learn(longest, whole)
}

// keys are the ids of rows.
func (l *List[T]) keys(rows []*T) []ID {
	ids := make([]ID, len(rows))
	for i, row := range rows {
		ids[i] = l.Table.Key(row)
	}
	return ids
}

// of are the children of parent k.
func (p *childPart[T]) of(k int) []*T {
	from := int32(0)
	if k > 0 {
		from = p.ends[k-1]
	}
	return p.rows[from:p.ends[k]:p.ends[k]]
}
