// Package query holds the questions of the benchmark, in the dialect of each schema: Backline's with
// connections and typed ids, the plain one that the peers share, and what PostGraphile makes of the
// tables. All of them ask for the same rows.
package query

import (
	"embed"
	"encoding/json"
	"fmt"
	"strconv"

	"backline/store"
	"backline/test/bench/data"
)

// Query is one question.
type Query struct {
	ID        string // "Q1"
	Operation string
	Title     string
}

// All are the questions that every server answers.
var All = []Query{
	{"Q1", "Deep", "deep: 50 artists, their albums, their tracks with genre and media type"},
	{"Q2", "CustomerPage", "customer page: customer, support rep, 20 invoices, lines, track, album, artist"},
	{"Q3", "Flat", "flat: 100 tracks, 4 fields"},
	{"Q4", "Point", "point: one album by id, its artist"},
}

// Twice is Q1 with twice the artists, which only Backline is asked: does its cost grow in line?
var Twice = Query{"Q1x2", "Deep", "Q1 with 100 artists"}

// Dialect is the form of questions and answers.
type Dialect string

// The dialects.
const (
	Backline     Dialect = "backline"
	Plain        Dialect = "plain"
	PostGraphile Dialect = "postgraphile"
)

//go:embed backline/*.graphql plain/*.graphql postgraphile/*.graphql
var texts embed.FS

// Text is a question's document.
func Text(d Dialect, id string) (string, error) {
	text, err := texts.ReadFile(string(d) + "/" + id + ".graphql")
	return string(text), err
}

// Bodies are the requests of a question, one for each variant. Cursors are those of the dialect, nil
// if it pages by id.
func Bodies(d Dialect, q Query, w *data.Workload, cursors *Cursors) ([][]byte, error) {
	text, err := Text(d, q.ID)
	if err != nil {
		return nil, err
	}
	var name string
	var ids []int64
	value := func(id int64) (string, error) { return strconv.FormatInt(id, 10), nil }
	typed := func(kind store.Kind) {
		if d == Backline {
			value = func(id int64) (string, error) { return store.NodeID{Kind: kind, ID: store.ID(id)}.String(), nil }
		}
	}
	switch q.Operation {
	case "Deep":
		name, ids = "after", w.Artists
		if cursors != nil {
			value = cursors.artist
		}
	case "CustomerPage":
		name, ids = "id", w.Customers
		typed(store.KindCustomer)
	case "Flat":
		name, ids = "after", w.Tracks
		if cursors != nil {
			value = cursors.track
		}
	case "Point":
		name, ids = "id", w.Albums
		typed(store.KindAlbum)
	default:
		return nil, fmt.Errorf("no operation %s", q.Operation)
	}
	bodies := make([][]byte, len(ids))
	for i, id := range ids {
		v, err := value(id)
		if err != nil {
			return nil, err
		}
		bodies[i], err = json.Marshal(body{Operation: q.Operation, Query: text, Variables: map[string]string{name: v}})
		if err != nil {
			return nil, err
		}
	}
	return bodies, nil
}

// body is a request.
type body struct {
	Operation  string            `json:"operationName"`
	Query      string            `json:"query,omitempty"`
	DocumentID string            `json:"documentId,omitempty"`
	Variables  map[string]string `json:"variables"`
}

// ByID are the same requests with the id of their document instead of its text.
func ByID(bodies [][]byte, id string) ([][]byte, error) {
	all := make([][]byte, len(bodies))
	for i, text := range bodies {
		var b body
		if err := json.Unmarshal(text, &b); err != nil {
			return nil, err
		}
		b.Query, b.DocumentID = "", id
		var err error
		if all[i], err = json.Marshal(b); err != nil {
			return nil, err
		}
	}
	return all, nil
}
