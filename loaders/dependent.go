package loaders

import (
	"slices"
	"strings"
)

// A Dependent is a table that something which is kept depends on, and what a change of one of its rows
// touches, whoever made it. It is generated from @cached.
type Dependent struct {
	Table string
	// Columns are what must be told of a row: of the old one and of the new.
	Columns []string
	Touches []Touch
}

// Effects are what a change of a row touches, in words that are the same in all releases that know of it.
func (d Dependent) Effects() []string {
	all := make([]string, len(d.Touches))
	for i, t := range d.Touches {
		effect := d.Table + ": " + t.Space
		switch t.How {
		case byColumn:
			effect += " by " + d.Columns[t.Of]
		case ifChanged:
			effect += " if " + d.Columns[t.Of] + " changes"
		case whole:
		}
		all[i] = effect
	}
	return all
}

// KeptOf names, by table, what is kept that depends on its rows: types and fields with @cached.
func KeptOf() map[string][]string {
	kept := map[string][]string{}
	for _, d := range Dependents() {
		for _, t := range d.Touches {
			name, _, _ := strings.Cut(t.Space, "#")
			if !slices.Contains(kept[d.Table], name) {
				kept[d.Table] = append(kept[d.Table], name)
			}
		}
	}
	return kept
}

// A Touch is a space of the cache that a change of a row touches.
type Touch struct {
	Space string
	How   How
	// Of is the place of a column in Dependent.Columns.
	Of int
}

// How says what of a space a change touches.
type How uint8

const (
	// byColumn: what is kept under the ids that the column had and has. It is the row itself, or the pages
	// of the parents that the row left and entered.
	byColumn How = iota + 1
	// whole: all of it, as of a list of all rows.
	whole
	// ifChanged: all of it, unless the column is as it was. Who sees a row may depend on a row above.
	ifChanged
)

// Value is a column of a row as a change tells it.
type Value struct {
	// ID is the value, 0 for NULL.
	ID int64
	// IsKnown is false where the change does not tell it.
	IsKnown bool
}

// IDs are the ids of the space that a change touches, 0 for none; all means the whole space. before and
// after are Dependent.Columns of the row, nil where there was none (an insert) or is none any more (a
// delete); both are nil where all rows are gone.
func (t Touch) IDs(before, after []Value) (ids [2]int64, all bool) {
	switch {
	case t.How == whole, before == nil && after == nil:
		return ids, true
	case t.How == ifChanged:
		return ids, before == nil || after == nil || !before[t.Of].IsKnown || before[t.Of] != after[t.Of]
	}
	for i, row := range [2][]Value{before, after} {
		if row == nil {
			continue
		}
		if !row[t.Of].IsKnown {
			return ids, true
		}
		ids[i] = row[t.Of].ID
	}
	return ids, false
}
