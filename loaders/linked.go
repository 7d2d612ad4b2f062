package loaders

import (
	"context"

	"backline/store"
)

// Linked loads pages of a many-to-many relation: first the links, which lie with their parent,
// then the rows that they name, wherever these lie.
type Linked[T any] struct {
	Links Many[store.Link]
	rows  *One[T]
}

func (l *Linked[T]) attach(s *Set, links *store.List[store.Link], rows *One[T]) {
	l.Links.attach(s, links)
	l.rows = rows
}

// LoadAll gives the page of each of n parents. The error, if any, is an Errors with one place per
// parent.
func (l *Linked[T]) LoadAll(ctx context.Context, w *store.Window[store.Link], n int, parent func(i int) store.ID) ([]*store.Page[T], error) {
	links, err := l.Links.LoadAll(ctx, w, n, parent)
	errs, failed := err.(Errors) //nolint:errorlint // LoadAll returns exactly this type
	if err != nil && !failed {
		return nil, err
	}
	var targets []store.ID
	for _, p := range links {
		if p != nil {
			for _, link := range p.Nodes {
				targets = append(targets, link.Target)
			}
		}
	}
	rows, err := l.rows.LoadAll(ctx, len(targets), func(i int) store.ID { return targets[i] })
	rowErrs, _ := err.(Errors) //nolint:errorlint // LoadAll returns exactly this type
	pages, at := make([]*store.Page[T], n), 0
	for i, p := range links {
		if p == nil {
			continue
		}
		end := at + len(p.Nodes)
		if rowErrs != nil {
			for _, e := range rowErrs[at:end] {
				if e != nil && errs == nil {
					errs = make(Errors, n)
				}
				if e != nil {
					errs[i] = e
				}
			}
		}
		page := store.Linked(p, rows[at:end])
		pages[i], at = &page, end
	}
	if errs != nil {
		return pages, errs
	}
	return pages, nil
}
