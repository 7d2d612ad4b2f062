package query

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"

	"backline/store"
)

// Cursors are Backline's cursors of all artists and tracks, which are opaque: a server is asked for
// them, page by page, as a client would.
type Cursors struct{ artists, tracks map[int64]string }

// NewCursors asks the server at addr.
func NewCursors(addr string) (*Cursors, error) {
	c := &Cursors{map[int64]string{}, map[int64]string{}}
	for list, to := range map[string]map[int64]string{"artists": c.artists, "tracks": c.tracks} {
		if err := walk(addr, list, to); err != nil {
			return nil, fmt.Errorf("read the cursors of %s: %w", list, err)
		}
	}
	return c, nil
}

func (c *Cursors) artist(id int64) (string, error) { return found(c.artists, id) }
func (c *Cursors) track(id int64) (string, error)  { return found(c.tracks, id) }

func found(in map[int64]string, id int64) (string, error) {
	if cursor, ok := in[id]; ok {
		return cursor, nil
	}
	return "", fmt.Errorf("no cursor for row %d", id)
}

func walk(addr, list string, to map[int64]string) error {
	text := "query($after: String) { list: " + list +
		"(first: 100, after: $after, orderBy: ID) { pageInfo { hasNextPage endCursor } edges { cursor node { id } } } }"
	var after *string
	for {
		body, err := json.Marshal(map[string]any{"query": text, "variables": map[string]any{"after": after}})
		if err != nil {
			return err
		}
		r, err := http.Post("http://"+addr+"/graphql", "application/json", bytes.NewReader(body))
		if err != nil {
			return err
		}
		var answer struct {
			Errors json.RawMessage
			Data   struct {
				List struct {
					PageInfo struct {
						HasNextPage bool
						EndCursor   string
					}
					Edges []struct {
						Cursor string
						Node   struct{ ID string }
					}
				}
			}
		}
		err = json.NewDecoder(r.Body).Decode(&answer)
		r.Body.Close()
		if err != nil {
			return err
		}
		if answer.Errors != nil {
			return fmt.Errorf("errors: %s", answer.Errors)
		}
		for _, e := range answer.Data.List.Edges {
			id, err := store.ParseNodeID(e.Node.ID)
			if err != nil {
				return err
			}
			to[int64(id.ID)] = e.Cursor
		}
		if !answer.Data.List.PageInfo.HasNextPage {
			return nil
		}
		after = &answer.Data.List.PageInfo.EndCursor
	}
}
