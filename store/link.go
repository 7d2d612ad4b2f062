package store

import "slices"

// A Link is a row of a many-to-many table: it lies with its parent and points at a row anywhere.
type Link struct {
	Parent   ID
	Target   ID
	Position int32
}

// links is the list of the links of a parent, in the order of their position.
func links(field, loader, table, parent, target, position string, pageSize int, cache *CachePolicy) *List[Link] {
	return &List[Link]{
		Field: field, Loader: loader, Parent: parent, ID: target, Colocated: true, PageSize: pageSize, Cache: cache,
		Order:    orderByInt("POSITION", position, ascending, func(l *Link) int32 { return l.Position }),
		ParentOf: func(l *Link) ID { return l.Parent },
		Table: newTable(&Table[Link]{
			Name: table, Columns: []string{parent, target, position},
			Key: func(l *Link) ID { return l.Target },
			Decode: func(d *Decoder, l *Link, _ []uint16, v [][]byte) {
				l.Parent, l.Target, l.Position = d.ID(v[0]), d.ID(v[1]), d.Int(v[2])
			},
			Pack: func(p *Packer, l *Link) {
				p.ID(l.Parent)
				p.ID(l.Target)
				p.Int(l.Position)
			},
			Unpack: func(d *Unpacker, l *Link) {
				l.Parent, l.Target, l.Position = d.ID(), d.ID(), d.Int()
			},
		}),
	}
}

// Linked is the page of the rows that a page of links points at. rows are those of the links, nil
// where a row is gone; such links are left out.
func Linked[T any](links *Page[Link], rows []*T) Page[T] {
	p := Page[T]{HasNextPage: links.HasNextPage, HasPreviousPage: links.HasPreviousPage, links: links}
	p.Nodes = rows
	if slices.Contains(rows, nil) {
		kept := *links // the loader remembers the page as it was
		kept.Nodes, p.Nodes = nil, nil
		for i, row := range rows {
			if row != nil {
				p.Nodes, kept.Nodes = append(p.Nodes, row), append(kept.Nodes, links.Nodes[i])
			}
		}
		p.links = &kept
	}
	return p
}
