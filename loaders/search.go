package loaders

import "backline/store"

// Search looks for names; see store.Search.
func (s *Set) Search(text string, first int) ([]store.Found, error) {
	q, err := store.Search(s.options.Store, text, first)
	if err != nil {
		return nil, err
	}
	from := s.options.Store // the question may be asked again after the response
	q, err = AskKept(s, Keep{Field: "Query.search", ID: store.Root, Arguments: q.Key()}, func() *store.SearchQuery {
		q, _ := store.Search(from, text, first) // it was in order just now
		return q
	})
	if err != nil {
		return nil, err
	}
	return q.Take()
}
