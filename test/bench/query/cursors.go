package query

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"

	"backline/store"
)

// Cursors are a dialect's for all artists and tracks. They are opaque: a server is asked for them,
// page by page, as a client would.
type Cursors struct{ artists, tracks map[int64]string }

// pages are how a dialect is asked for the cursors of a list, and how it writes ids.
type pages struct {
	artists, tracks string
	id              func(text string) (int64, error)
}

func (d Dialect) pages() *pages {
	const page = " { pageInfo { hasNextPage endCursor } edges { cursor node { id"
	switch d {
	case Backline:
		text := func(list string) string {
			return "query($after: String) { list: " + list + "(first: 100, after: $after, orderBy: ID)" + page + " } } } }"
		}
		return &pages{text("artists"), text("tracks"), func(text string) (int64, error) {
			id, err := store.ParseNodeID(text)
			return int64(id.ID), err
		}}
	case PostGraphile:
		text := func(list string) string {
			return "query($after: Cursor) { list: " + list + "(first: 2000, after: $after, orderBy: ROW_ID_ASC)" + page + ": rowId } } } }"
		}
		return &pages{text("allArtists"), text("allTracks"), func(text string) (int64, error) {
			return strconv.ParseInt(text, 10, 64)
		}}
	case Plain:
	}
	return nil
}

// NewCursors asks the server at addr. A dialect that pages by id has none.
func NewCursors(addr string, d Dialect) (*Cursors, error) {
	p := d.pages()
	if p == nil {
		return nil, nil //nolint:nilnil // none are none
	}
	c := &Cursors{map[int64]string{}, map[int64]string{}}
	var both sync.WaitGroup
	errs := make([]error, 2)
	for i, list := range []struct {
		text string
		to   map[int64]string
	}{{p.artists, c.artists}, {p.tracks, c.tracks}} {
		both.Go(func() { errs[i] = p.walk(addr, list.text, list.to) })
	}
	both.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("read the cursors of artists and tracks: %w", err)
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

func (p *pages) walk(addr, text string, to map[int64]string) error {
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
			id, err := p.id(e.Node.ID)
			if err != nil {
				return err
			}
			to[id] = e.Cursor
		}
		if !answer.Data.List.PageInfo.HasNextPage {
			return nil
		}
		after = &answer.Data.List.PageInfo.EndCursor
	}
}
