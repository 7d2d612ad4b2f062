package loaders

import (
	"context"

	"backline/store"
)

// Ask sends a handwritten question to the store along with the batches of its wave, and returns
// when it has been answered. It is not remembered: two equal questions are asked twice.
func (s *Set) Ask(q *store.Query) {
	if len(q.Parts) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.park(&question{q})
}

type question struct{ asked *store.Query }

func (q *question) prepare() sender      { return q }
func (q *question) query() *store.Query  { return q.asked }
func (q *question) send(context.Context) {}
func (q *question) take()                {}
