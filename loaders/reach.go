package loaders

import (
	"context"
	"strconv"
	"strings"

	"backline/graph/rights"
	"backline/store"
)

// Reach is how far the viewer sees into a table. A table without owners costs nothing.
func (s *Set) Reach(owners []store.Owner) *store.Reach {
	if len(owners) == 0 {
		return nil
	}
	return s.reacher().Reach(owners)
}

// reacher is the viewer; unlike the Set it may outlive the response.
func (s *Set) reacher() reacher { return reacher{rights.Of(s.ctx)} }

// reacher knows how far a viewer sees.
type reacher struct{ viewer *rights.Viewer }

// Reach is how far they see into a table.
func (r reacher) Reach(owners []store.Owner) *store.Reach {
	v := r.viewer
	id, err := store.ParseNodeID(v.ID)
	if err != nil || !v.SignedIn() { // a service has no row, nor has whoever is called otherwise
		id = store.NodeID{}
	}
	return store.NewReach(owners, id, func(scopes [][]string) bool { return v.SignedIn() && v.HasAny(scopes) })
}

// viewerKey is the same for those who are shown the same: what is kept for one viewer is found by it. It
// is "" for nobody, for whom nothing is kept. Scopes are part of it: a token with fewer of them shows
// less, whoever it belongs to.
func viewerKey(v *rights.Viewer) string {
	if !v.SignedIn() {
		return ""
	}
	var b strings.Builder
	for _, s := range append([]string{v.Via, v.Issuer, v.Subject, v.ID}, v.Scopes...) {
		b.WriteString(strconv.Quote(s))
	}
	return b.String()
}

// pass is nil if the viewer passes the gate of a table; nil is no gate.
func (s *Set) pass(g *store.Gate) error {
	if g == nil {
		return nil
	}
	return rights.Of(s.ctx).Require(g.Scopes)
}

// Auditor is told who was denied what, and who read what by a right of their office. Its methods are
// called once for a batch, from many goroutines. What is a type, "Customer", or a list,
// "Customer.invoices"; id gives the i-th of n objects.
type Auditor interface {
	Denied(ctx context.Context, what string, n int, id func(i int) string)
	Privileged(ctx context.Context, what string, n int, id func(i int) string)
}

// access is what there is to audit about a batch.
type access struct {
	denied bool
	what   string
	kind   store.Kind
	ids    []store.ID
}

// note remembers an access until the round is over. s.mu is held.
func (s *Set) note(a access) {
	if s.options.Auditor != nil && len(a.ids) > 0 {
		s.accesses = append(s.accesses, a)
	}
}

// audit tells the auditor of a round.
func (s *Set) audit() {
	s.mu.Lock()
	all := s.accesses
	s.accesses = nil
	s.mu.Unlock()
	for _, a := range all {
		id := func(i int) string { return store.NodeID{Kind: a.kind, ID: a.ids[i]}.String() }
		if a.denied {
			s.options.Auditor.Denied(s.ctx, a.what, len(a.ids), id)
		} else {
			s.options.Auditor.Privileged(s.ctx, a.what, len(a.ids), id)
		}
	}
}

// noteRows notes those of the rows that the viewer was denied, and those that a scope opened.
func noteRows[T any](s *Set, t *store.Table[T], r *store.Reach, denied []store.ID, rows []*T) {
	if r == nil || s.options.Auditor == nil {
		return
	}
	s.note(access{denied: true, what: t.Kind.String(), kind: t.Kind, ids: denied})
	if r.ByScope() {
		s.note(access{what: t.Kind.String(), kind: t.Kind, ids: keys(t, rows)})
	}
}

// keys are the ids of the rows that are there.
func keys[T any](t *store.Table[T], rows []*T) []store.ID {
	var ids []store.ID
	for _, row := range rows {
		if row != nil {
			ids = append(ids, t.Key(row))
		}
	}
	return ids
}
