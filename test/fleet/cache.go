package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

var errNotWhole = errors.New("the cache does not give out all")

// AwaitCache waits until the cache of a server gives out all that it holds: in the process, since it hears
// the stream of invalidations, and for as long as that lives, since it hears the shards. Before that no
// subtrees are kept.
func (s *Server) AwaitCache(ctx context.Context) error {
	last := "without an answer"
	err := until(ctx, s.process, func(ctx context.Context) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+"/health/ready?verbose", nil)
		if err != nil {
			return err
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		var ready struct {
			Details struct {
				Cache *struct{ Local, Limited bool }
			}
		}
		if err := json.NewDecoder(answer.Body).Decode(&ready); err != nil {
			return err
		}
		if c := ready.Details.Cache; c == nil || !c.Local || c.Limited {
			last = fmt.Sprintf("%+v", c)
			return errNotWhole
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("wait for the cache of %s, which was %s: %w", s.Name, last, err)
	}
	return nil
}
