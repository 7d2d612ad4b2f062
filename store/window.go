package store

import (
	"cmp"
	"strconv"
)

// MaxPageSize is the most rows that one page may ask for.
const MaxPageSize = 100

// PageArgs are the paging arguments of a connection field as the client gave them.
type PageArgs struct {
	First  *int32
	After  *string
	Last   *int32
	Before *string
}

// A Window says which rows of a list are wanted: the order, the filter, the place to start from,
// the direction and the number. It is valid by construction.
type Window[T any] struct {
	list     *List[T]
	order    *Order[T]
	where    conditions
	limit    int
	backward bool
	from     *cursor
	key      string
}

// Key is equal for windows that ask for the same.
func (w *Window[T]) Key() string { return w.key }

// Window checks the paging arguments of a field. A nil order is the list's fixed one; the filter may
// be nil.
func (l *List[T]) Window(a PageArgs, order *Order[T], f Filter) (*Window[T], error) {
	if order == nil {
		order = l.Order
	}
	w := &Window[T]{list: l, order: order, limit: l.PageSize}
	switch {
	case a.First != nil && a.Last != nil:
		return nil, BadInput("first and last must not be given together")
	case a.After != nil && a.Before != nil:
		return nil, BadInput("after and before must not be given together")
	case a.Last != nil && a.After != nil:
		return nil, BadInput("after goes with first; with last use before")
	case a.First != nil && a.Before != nil:
		return nil, BadInput("before goes with last; with first use after")
	}
	count, countName, place, placeName := a.First, "first", a.After, "after"
	if a.Last != nil || a.Before != nil {
		w.backward = true
		count, countName, place, placeName = a.Last, "last", a.Before, "before"
	}
	if count != nil {
		if *count < 1 || *count > MaxPageSize {
			return nil, BadInput("%s must be between 1 and %d, not %d", countName, MaxPageSize, *count)
		}
		w.limit = int(*count)
	}
	if f != nil {
		if w.where = f.conditions(); w.where.err != nil {
			return nil, BadInput("filter: %s", w.where.err)
		}
	}
	if place != nil {
		c, err := decodeCursor(placeName, *place, boundTo(l.Field, order.Name), order.valid)
		if err != nil {
			return nil, err
		}
		w.from = &c
	}
	w.key = order.Name + " " + strconv.Itoa(w.limit) + " " + strconv.FormatBool(w.backward) + " " + w.where.key()
	if place != nil {
		w.key += " " + *place
	}
	return w, nil
}

// WindowOf is Window with the arguments of a field as its resolver gets them.
func (l *List[T]) WindowOf(arguments map[string]any) (*Window[T], error) {
	var a PageArgs
	var order *Order[T]
	var filter Filter
	for name, v := range arguments {
		switch v := v.(type) {
		case interface{ Order() *Order[T] }:
			order = v.Order()
		case Filter:
			filter = v
		case *int32:
			if name == "first" {
				a.First = v
			} else {
				a.Last = v
			}
		case *string:
			if name == "after" {
				a.After = v
			} else {
				a.Before = v
			}
		}
	}
	if order == nil && l.Order == nil {
		return nil, BadInput("%s needs an order", l.Field)
	}
	return l.Window(a, order, filter)
}

// descending is the direction in which Postgres reads.
func (w *Window[T]) descending() bool { return w.order.Desc != w.backward }

// less says whether a comes before b in the direction of reading.
func (w *Window[T]) less(a, b *T) bool {
	c := w.order.compare(a, b)
	if c == 0 {
		c = cmp.Compare(w.list.Table.Key(a), w.list.Table.Key(b))
	}
	if w.descending() {
		return c > 0
	}
	return c < 0
}

func (w *Window[T]) cursor(row *T) string {
	return cursor{w.list.Table.Key(row), w.order.value(row)}.encode(boundTo(w.list.Field, w.order.Name))
}
