package loaders

import "backline/store"

// Leads says whether rows of a list of children may bring their own: fields are as "Artist.albums".
func Leads(rows, children string) bool {
	var none Loaders
	from, to := none.byField(rows), none.byField(children)
	if from == nil || to == nil {
		return false
	}
	none.attach(nil)
	return to.mayComeWith(from.kind())
}

// Lead says that the operation goes on from the rows of a list to a list of their children, before the
// resolver of the first is called: then the children may come in the same round trip. The arguments are those
// that the two resolvers get. It is a hint: nothing comes of it where a cache might have the children, nor
// where the lists are not known to be short ([store.List.PagesWith]). What has not come is asked for as ever.
func (s *Set) Lead(rows, children string, ofRows, ofChildren map[string]any) {
	if s.session != nil || s.options.Alone {
		return
	}
	from, to := s.byField(rows), s.byField(children)
	if from == nil || to == nil || !to.mayComeWith(from.kind()) {
		return
	}
	if below := to.below(ofChildren); below != nil {
		from.lead(ofRows, below)
	}
}

// lister is a Many of any row type.
type lister interface {
	kind() store.Kind
	mayComeWith(k store.Kind) bool
	// below is the window that arguments ask for, nil if its rows are not to come with their parents.
	below(arguments map[string]any) store.Below
	// lead has the rows of a window bring their children.
	lead(arguments map[string]any, below store.Below)
	// adopt remembers pages that came with the rows that they belong to. Set.mu is held.
	adopt(c store.Children)
}

func (l *Many[T]) kind() store.Kind { return l.list.Table.Kind }

func (l *Many[T]) mayComeWith(k store.Kind) bool { return l.list.MayComeWith(k) }

func (l *Many[T]) below(arguments map[string]any) store.Below {
	if !l.list.IsShort() {
		return nil
	}
	w, err := l.list.WindowOf(arguments)
	if err != nil {
		return nil // its resolver says so
	}
	return w
}

func (l *Many[T]) lead(arguments map[string]any, below store.Below) {
	w, err := l.list.WindowOf(arguments)
	if err != nil {
		return
	}
	w = w.Within(l.set.Reach(l.list.Table.Owners))
	l.set.mu.Lock()
	defer l.set.mu.Unlock()
	if ours := l.at(w); ours.leads == nil { // the first: others are asked for by themselves
		ours.leads = below
	}
}

func (l *Many[T]) adopt(c store.Children) {
	came, ok := c.(*store.ChildPages[T])
	if !ok {
		return
	}
	parents, pages := came.Pages()
	values := make([]*store.Page[T], len(pages))
	for i := range pages {
		values[i] = &pages[i]
	}
	l.at(came.Window()).memo.primeAll(parents, values)
}
