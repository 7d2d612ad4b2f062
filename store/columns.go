package store

import (
	"slices"
	"strings"
	"sync"
)

// Columns is a set of columns of one table, by their places in [Table].Columns.
type Columns uint64

// allColumns is the set of a table's columns where whole rows are wanted. It is what a table of more
// than 64 columns is always read with.
const allColumns = ^Columns(0)

// Needs are the columns that an operation needs of each table, so that nothing else is read. They
// are the same for all loads of the operation: so equal loads still share a batch, and a row that
// came on one path serves the others. A nil *Needs needs whole rows.
type Needs struct {
	of []Columns // by Kind
	// references are the reference tables that the rows of a kind lead to.
	references [][]Kind // by Kind
}

// NeedsOf finds out what an operation needs. selected names the fields that it selects of each type,
// wherever in the operation. If the directives of the schema do not explain one of them, its resolver
// was written by hand and may look at anything: then whole rows are needed.
func NeedsOf(selected map[string][]string) *Needs {
	n := &Needs{of: make([]Columns, len(kinds)), references: make([][]Kind, len(kinds))}
	for k := range n.of {
		n.of[k] = allColumns // rows that nothing is selected of are for somebody else
	}
	for typ, fields := range selected {
		if k := KindOf(typ); k != 0 {
			columns, references, ok := tables[k].needs(fields)
			if !ok {
				return nil
			}
			n.of[k], n.references[k] = columns, references
			continue
		}
		for _, f := range fields {
			if !strings.HasPrefix(f, "__") && !slices.Contains(rowless[typ], f) {
				return nil
			}
		}
	}
	return n
}

func (n *Needs) columns(k Kind) Columns {
	if n == nil || k == 0 {
		return allColumns
	}
	return n.of[k]
}

// needs are the columns that fields read, and the reference tables that they lead to; not ok if one of
// the fields is unknown.
func (t *Table[T]) needs(fields []string) (c Columns, references []Kind, ok bool) {
	for _, f := range fields {
		if strings.HasPrefix(f, "__") {
			continue
		}
		column, ok := t.Fields[f]
		if !ok {
			return 0, nil, false
		}
		c |= t.column(column)
	}
	return c, t.leadsTo(fields), true
}

// column is the set of one column, empty if there is none of that name.
func (t *Table[T]) column(name string) Columns {
	i := slices.Index(t.Columns, name)
	if i < 0 {
		return 0
	}
	return 1 << i
}

// A choice is the choice of columns that one statement reads of a table.
type choice struct {
	set    Columns
	places []uint16 // in Table.Columns, in their order: the id first
	table  anyTable
}

// maxChoices bounds the choices of columns for one table, and maxNarrow the statements of a list (or
// those by id) that read fewer columns than there are: clients choose what they select, and every
// connection keeps every statement. Beyond, whole rows are read.
const maxChoices, maxNarrow = 64, 64

// choices are those that have been made for a table.
type choices struct {
	mu    sync.RWMutex
	known map[Columns]*choice
}

// choose gives the choice of some columns, and of those that are always read.
func (t *Table[T]) choose(set Columns) *choice {
	all := Columns(1)<<len(t.Columns) - 1
	if len(t.Columns) > 64 {
		set = all
	}
	set = (set | 1 | t.always) & all
	made := &t.made
	made.mu.RLock()
	known := made.known[set]
	made.mu.RUnlock()
	if known != nil {
		return known
	}
	made.mu.Lock()
	defer made.mu.Unlock()
	if len(made.known) >= maxChoices {
		set = all
	}
	if made.known[set] == nil {
		if made.known == nil {
			made.known = map[Columns]*choice{}
		}
		made.known[set] = t.newChoice(set)
	}
	return made.known[set]
}

func (t *Table[T]) newChoice(set Columns) *choice {
	c := &choice{set: set, table: t}
	for i := range t.Columns {
		if set == allColumns || set&(1<<i) != 0 {
			c.places = append(c.places, uint16(i))
		}
	}
	return c
}

// columns is the SQL of the columns of the table called alias.
func (c *choice) columns(alias string) string { return strings.Join(c.names(alias), ", ") }

// names are the columns of the table called alias.
func (c *choice) names(alias string) []string {
	all := c.table.names()
	names := make([]string, len(c.places))
	for i, at := range c.places {
		names[i] = alias + "." + all[at]
	}
	return names
}

// types are those of the columns as the schema says, "" where it does not say.
func (c *choice) types() []string {
	all := c.table.names()
	types := make([]string, len(c.places))
	table := slices.IndexFunc(schemaTables, func(t tableInfo) bool { return t.name == c.table.name() })
	if table < 0 {
		return types
	}
	for i, at := range c.places {
		for _, column := range schemaTables[table].columns {
			if column.name == all[at] {
				types[i] = column.sqlType
			}
		}
	}
	return types
}

// formats are the formats in which the columns arrive.
func (c *choice) formats() []int16 {
	all := c.table.formats()
	f := make([]int16, len(c.places))
	for i, at := range c.places {
		f[i] = all[at]
	}
	return f
}
