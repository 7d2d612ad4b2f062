package loaders

import (
	"slices"
	"strings"

	"backline/graph/codegen/entity"
)

// dependent is a table whose changes touch what is kept.
type dependent struct {
	Table   string
	Columns []string // that a change must tell
	Touches []touch
}

// touch is a space that a change of a row touches.
type touch struct {
	Space string
	How   string // as in the package loaders
	Of    int    // place in Columns
}

// The ways in which spaces are touched.
const (
	byColumn  = "byColumn"
	whole     = "whole"
	ifChanged = "ifChanged"
)

// dependents are all tables that something which is kept depends on, by name.
func dependents(m *entity.Model) []*dependent {
	d := tables{}
	for _, e := range m.Entities {
		if e.Cached != nil {
			d.touch(e.Table, byColumn, "id", e.Name)
			d.owners(e, 0, e.Name)
		}
	}
	for _, l := range m.KeptLists() {
		spaces := []string{l.Path(), l.Path() + "#total"}
		switch {
		case l.Links != nil:
			d.touch(l.Links.Table, byColumn, l.Key, spaces...)
		case l.Parent != nil:
			d.touch(l.Target.Table, byColumn, l.Key, spaces...)
			known := 0
			if l.Colocated && reachesAbove(l.Target) {
				d.touch(l.Parent.Table, byColumn, "id", spaces...) // the row above is the page's own parent
				known = 1
			}
			d.owners(l.Target, known, spaces...)
		default:
			d.touch(l.Target.Table, whole, "id", spaces...)
			d.owners(l.Target, 0, spaces...)
		}
	}
	for _, c := range m.Computed {
		for _, e := range c.Reads {
			d.touch(e.Table, whole, "id", c.Path)
			d.owners(e, 0, c.Path)
		}
	}
	slices.SortFunc(d.all, func(a, b *dependent) int { return strings.Compare(a.Table, b.Table) })
	return d.all
}

type tables struct{ all []*dependent }

func (d *tables) of(table string) *dependent {
	for _, t := range d.all {
		if t.Table == table {
			return t
		}
	}
	t := &dependent{Table: table}
	d.all = append(d.all, t)
	return t
}

// touch notes that a change of a row touches spaces. Where the whole space is touched, whatever has
// changed, the column is no matter.
func (d *tables) touch(table, how, column string, spaces ...string) {
	t := d.of(table)
	of := slices.Index(t.Columns, column)
	if of < 0 {
		of = len(t.Columns)
		t.Columns = append(t.Columns, column)
	}
	for _, s := range spaces {
		new := touch{Space: s, How: how, Of: of}
		if !slices.Contains(t.Touches, new) {
			t.Touches = append(t.Touches, new)
		}
	}
}

// owners notes that who sees rows of an entity depends on rows above them: on their way to the owner,
// and on the owner's name there. Which rows these are cannot be told from the row above, so all that is
// kept is touched. So many rows above are known already.
func (d *tables) owners(e *entity.Entity, known int, spaces ...string) {
	for _, o := range e.Policy.Owners {
		at := e
		for up := 1; up <= o.Up; up++ {
			at = at.ColocatedBy.Target
			if up <= known {
				continue
			}
			column := o.Column
			if up < o.Up {
				column = at.ColocatedBy.Column.Name
			}
			d.touch(at.Table, ifChanged, column, spaces...)
		}
	}
}

// reachesAbove says whether who sees a row depends on rows above it.
func reachesAbove(e *entity.Entity) bool {
	return slices.ContainsFunc(e.Policy.Owners, func(o *entity.Owner) bool { return o.Up > 0 })
}
