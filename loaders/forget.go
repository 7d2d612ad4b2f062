package loaders

import (
	"fmt"
	"slices"
	"strings"

	"backline/loaders/fieldcache"
)

// Forget names all that may hold a row of a type, or any if the id is 0: what a change of it touches
// whatever it was before, and what hangs on it. Of a field ("Artist.albums") it names the pages and totals
// of the row with that id, or of all. What is not kept is an error that says what is.
func Forget(name string, id int64) ([]fieldcache.Ref, error) {
	var kept []string
	var refs []fieldcache.Ref
	isField := strings.Contains(name, ".")
	for _, s := range Spaces() {
		kept = append(kept, s.Name)
		if s.Name == name || isField && s.Name == totalSpace(name) || !isField && strings.HasPrefix(s.Name, name+".") {
			refs = append(refs, fieldcache.Ref{Space: s.Name, ID: id})
		}
	}
	if refs == nil {
		return nil, fmt.Errorf("nothing is kept of %s; kept are %s", name, strings.Join(slices.DeleteFunc(kept, func(s string) bool { return strings.Contains(s, "#") }), ", "))
	}
	if isField {
		return refs, nil
	}
	for _, d := range Dependents() {
		if d.isOf(name) {
			refs = append(refs, d.touched(id)...)
		}
	}
	slices.SortStableFunc(refs, func(a, b fieldcache.Ref) int { return strings.Compare(a.Space, b.Space) })
	return slices.Compact(refs), nil
}

// isOf says whether the table is that of a type.
func (d *Dependent) isOf(typ string) bool {
	return slices.ContainsFunc(d.Touches, func(t Touch) bool {
		return t.Space == typ && t.How == byColumn && d.Columns[t.Of] == "id"
	})
}

// touched is what the row with an id may touch of which nothing else is known; 0: all rows.
func (d *Dependent) touched(id int64) []fieldcache.Ref {
	var row []Value
	if id != 0 {
		row = make([]Value, len(d.Columns))
		for i, c := range d.Columns {
			if c == "id" {
				row[i] = Value{ID: id, IsKnown: true}
			}
		}
	}
	var refs []fieldcache.Ref
	for _, t := range d.Touches {
		ids, all := t.IDs(row, row)
		switch {
		case all:
			refs = append(refs, fieldcache.Ref{Space: t.Space})
		case ids[0] != 0:
			refs = append(refs, fieldcache.Ref{Space: t.Space, ID: ids[0]})
		}
	}
	return refs
}
