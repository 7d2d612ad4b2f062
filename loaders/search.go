package loaders

import "backline/store"

// Search looks for names; see store.Search.
func (s *Set) Search(text string, first int) ([]store.Found, error) {
	q, err := store.Search(s.options.Store, text, first)
	if err != nil {
		return nil, err
	}
	s.Ask(&q.Query)
	return q.Take()
}
