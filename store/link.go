package store

// A Link is a row of a many-to-many table: it lies with its parent and points at a row anywhere.
type Link struct {
	Parent   ID
	Target   ID
	Position int32
}

// links is the list of the links of a parent, in the order of their position.
func links(field, loader, table, parent, target, position string, pageSize int) *List[Link] {
	return &List[Link]{
		Field: field, Loader: loader, Parent: parent, ID: target, Colocated: true, PageSize: pageSize,
		ParentOf: func(l *Link) ID { return l.Parent },
		Table: newTable(Table[Link]{
			Name: table, Columns: []string{parent, target, position},
			Key: func(l *Link) ID { return l.Target },
			Decode: func(d *Decoder, l *Link, v [][]byte) {
				l.Parent, l.Target, l.Position = d.ID(v[0]), d.ID(v[1]), d.Int(v[2])
			},
		}),
	}
}

// orderByPosition is the one order of links.
func orderByPosition(column string) *Order[Link] {
	return orderByInt("POSITION", column, ascending, func(l *Link) int32 { return l.Position })
}

// Linked is the page of the rows that a page of links points at. rows are those of the links, nil
// where a row is gone; such links are left out.
func Linked[T any](links *Page[Link], rows []*T) Page[T] {
	p := Page[T]{HasNextPage: links.HasNextPage, HasPreviousPage: links.HasPreviousPage, links: links}
	kept := links.Nodes[:0]
	nodes := rows[:0]
	for i, row := range rows {
		if row != nil {
			nodes, kept = append(nodes, row), append(kept, links.Nodes[i])
		}
	}
	p.Nodes, links.Nodes = nodes, kept
	return p
}
