package e2e

import (
	"strings"
	"testing"

	"backline/resolvers"
)

// TestBadInput sends what is not allowed: each gets its code and a message that says what is.
func TestBadInput(t *testing.T) {
	t.Parallel()
	s := start(t, 2, resolvers.Breadth)
	ids := newIDs(s)
	artist, track := ids.find(t, "artist", 1).String(), ids.find(t, "track", 1).String()
	var page struct {
		Artists struct{ PageInfo struct{ EndCursor string } }
	}
	s.ask(t, `{ artists(first: 1) { pageInfo { endCursor } } }`, nil, false).into(t, &page)
	cursor := page.Artists.PageInfo.EndCursor
	flipped := []byte(artist)
	if flipped[5]++; flipped[5] == 'i' || flipped[5] == 'l' || flipped[5] == 'o' || flipped[5] == 'u' {
		flipped[5]++
	}
	for query, want := range map[string]string{
		`{ artist(id: "") { name } }`:                                                         "must not be empty",
		`{ artist(id: "1") { name } }`:                                                        "is not an ID: IDs look like",
		`{ artist(id: "xyz_123") { name } }`:                                                  "no type has the prefix",
		`{ artist(id: "` + string(flipped) + `") { name } }`:                                  "check characters do not fit",
		`{ artist(id: "` + artist[:len(artist)-1] + `") { name } }`:                           "check characters do not fit",
		`{ artist(id: "` + track + `") { name } }`:                                            "is the ID of type Track; type Artist is asked for",
		`{ node(id: "art_` + strings.Repeat("z", 5000) + `") { id } }`:                        "is not an ID",
		`{ nodes(ids: [` + strings.Repeat(`"`+artist+`",`, 101) + `]) { id } }`:               "at most 100",
		`{ artists(first: 1, after: "` + cursor[:len(cursor)-2] + `") { nodes { id } } }`:     "is not a cursor",
		`{ artists(first: 1, after: "") { nodes { id } } }`:                                   "is not a cursor",
		`{ artists(first: 1, after: "` + strings.Repeat("A", 9000) + `") { nodes { id } } }`:  "is not a cursor",
		`{ artists(first: 1, orderBy: NAME_DESC, after: "` + cursor + `") { nodes { id } } }`: "another list or another order",
		`{ albums(first: 1, after: "` + cursor + `") { nodes { id } } }`:                      "another list or another order",
		`{ artists(first: 1, last: 1) { nodes { id } } }`:                                     "first and last must not be given together",
		`{ artists(after: "` + cursor + `", before: "` + cursor + `") { nodes { id } } }`:     "after and before must not be given together",
		`{ artists(last: 1, after: "` + cursor + `") { nodes { id } } }`:                      "after goes with first",
		`{ artists(first: 1, before: "` + cursor + `") { nodes { id } } }`:                    "before goes with last",
		`{ artists(first: -1) { nodes { id } } }`:                                             "first must be between 1 and 100, not -1",
		`{ artists(first: 0) { nodes { id } } }`:                                              "first must be between 1 and 100, not 0",
		`{ artists(last: 101) { nodes { id } } }`:                                             "last must be between 1 and 100, not 101",
		`{ artists(first: 2147483648) { nodes { id } } }`:                                     "first must be between 1 and 100, not 2147483648",
		`{ artists(orderBy: SIZE) { nodes { id } } }`:                                         "SIZE",
		`{ tracks(filter: {genre: "` + artist + `"}) { nodes { id } } }`:                      "is the ID of type Artist; type Genre is asked for",
		`{ customers(first: 1) { nodes { invoices(filter: {from: "2025-02-01T00:00:00Z", before: "2025-01-01T00:00:00Z"}) { nodes { id } } } } }`: "no row can match",
		`{ artists(filter: {nameStartsWith: "\u0000"}) { nodes { id } } }`:                                                                        "U+0000",
		`{ search(query: "") { nodes { __typename } } }`:                                                                                          "character",
		`{ search(query: "x", first: 101) { nodes { __typename } } }`:                                                                             "between 1 and 100",
	} {
		r := s.ask(t, query, nil, false)
		if len(r.Errors) == 0 {
			t.Errorf("%.90s is accepted: %s", query, r.Data)
			continue
		}
		code := r.Errors[0].Extensions["code"]
		if !strings.Contains(r.Errors[0].Message, want) || code != "BAD_USER_INPUT" && code != "GRAPHQL_VALIDATION_FAILED" && code != "PAGE_SIZE" {
			t.Errorf("%.90s: %v %q, want a message with %q", query, code, r.Errors[0].Message, want)
		}
	}
}
