package store

import (
	"errors"
	"fmt"

	"github.com/tinylib/msgp/msgp"
)

// pageFields are what a page that is kept consists of: whether more lies behind it and before it, and
// its rows. Where it lies in its list is known to whoever asks for it (Page.At).
const pageFields = 3

var errPageSize = errors.New("more rows than a page has")

// AppendPage writes a page, whose rows must have been read whole, for the cache.
func (l *List[T]) AppendPage(b []byte, p *Page[T]) []byte {
	b = msgp.AppendArrayHeader(b, pageFields)
	b = msgp.AppendBool(b, p.HasNextPage)
	b = msgp.AppendBool(b, p.HasPreviousPage)
	b = msgp.AppendArrayHeader(b, uint32(len(p.Nodes))) //nolint:gosec // at most MaxPageSize
	for _, row := range p.Nodes {
		b = l.Table.AppendRow(b, row)
	}
	return b
}

// ReadPage reads what AppendPage wrote, and gives what lies behind it. The page keeps b, which nobody
// may change any more; before it is shown it must be told where it lies.
func (l *List[T]) ReadPage(b []byte, p *Page[T]) (rest []byte, err error) {
	u := Unpacker{b: b}
	fields := unpack(&u, msgp.ReadArrayHeaderBytes)
	if u.err == nil && fields != pageFields {
		u.err = fmt.Errorf("%d fields instead of %d", fields, pageFields)
	}
	p.HasNextPage, p.HasPreviousPage = u.Bool(), u.Bool()
	n := unpack(&u, msgp.ReadArrayHeaderBytes)
	if u.err == nil && n > MaxPageSize {
		u.err = errPageSize
	}
	if u.err != nil {
		return nil, fmt.Errorf("unpack a page of %s: %w", l.Field, u.err)
	}
	rows := make([]T, n)
	p.Nodes = make([]*T, n)
	for i := range rows {
		if u.b, err = l.Table.ReadRow(u.b, &rows[i]); err != nil {
			return nil, fmt.Errorf("unpack a page of %s: %w", l.Field, err)
		}
		p.Nodes[i] = &rows[i]
	}
	return u.b, nil
}

// At is the page as the place in the list that was asked for: rows are shared between all who ask for
// it, and the place is theirs.
func (p *Page[T]) At(w *Window[T], parent ID) Page[T] {
	return Page[T]{Nodes: p.Nodes, HasNextPage: p.HasNextPage, HasPreviousPage: p.HasPreviousPage, window: w, parent: parent}
}

// AppendTotal writes a total for the cache.
func AppendTotal(b []byte, n *int) []byte { return msgp.AppendInt(b, *n) }

// ReadTotal reads what AppendTotal wrote, and gives what lies behind it.
func ReadTotal(b []byte, n *int) (rest []byte, err error) {
	if *n, rest, err = msgp.ReadIntBytes(b); err == nil && *n < 0 {
		err = fmt.Errorf("%d is no total", *n)
	}
	if err != nil {
		return nil, fmt.Errorf("unpack a total: %w", err)
	}
	return rest, nil
}
