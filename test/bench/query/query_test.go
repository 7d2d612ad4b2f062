package query

import (
	"encoding/json"
	"strings"
	"testing"

	"backline/store"
	"backline/test/bench/data"
)

func TestBodiesAskForTheSameRowsInEachDialect(t *testing.T) {
	t.Parallel()
	w := &data.Workload{Artists: []int64{11, 12}, Tracks: []int64{21, 22}, Customers: []int64{31, 32}, Albums: []int64{41, 42}}
	cursors := &Cursors{map[int64]string{11: "a11", 12: "a12"}, map[int64]string{21: "t21", 22: "t22"}}
	customer := store.NodeID{Kind: store.KindCustomer, ID: 32}.String()
	album := store.NodeID{Kind: store.KindAlbum, ID: 42}.String()
	for _, c := range []struct {
		dialect Dialect
		cursors *Cursors
		// second are the variables of the second request of Q1 to Q4.
		second [4]string
	}{
		{Backline, cursors, [4]string{"a12", customer, "t22", album}},
		{Plain, nil, [4]string{"12", "32", "22", "42"}},
		{PostGraphile, cursors, [4]string{"a12", "32", "t22", "42"}},
	} {
		for i, q := range All {
			bodies, err := Bodies(c.dialect, q, w, c.cursors)
			if err != nil {
				t.Fatalf("%s %s: %v", c.dialect, q.ID, err)
			}
			if len(bodies) != 2 {
				t.Fatalf("%s %s: %d bodies, want one for each row", c.dialect, q.ID, len(bodies))
			}
			var body struct {
				OperationName, Query string
				Variables            map[string]string
			}
			if err := json.Unmarshal(bodies[1], &body); err != nil {
				t.Fatalf("%s %s: %v", c.dialect, q.ID, err)
			}
			if body.OperationName != q.Operation || !strings.HasPrefix(body.Query, "query "+q.Operation+"($") {
				t.Errorf("%s %s: operation %q of %q", c.dialect, q.ID, body.OperationName, body.Query)
			}
			if len(body.Variables) != 1 || body.Variables["after"]+body.Variables["id"] != c.second[i] {
				t.Errorf("%s %s: variables %v, want %s", c.dialect, q.ID, body.Variables, c.second[i])
			}
		}
	}
}

func TestBodiesByID(t *testing.T) {
	t.Parallel()
	bodies, err := Bodies(Backline, All[3], &data.Workload{Albums: []int64{41}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	bodies, err = ByID(bodies, "point")
	want := `{"operationName":"Point","documentId":"point","variables":{"id":"` + store.NodeID{Kind: store.KindAlbum, ID: 41}.String() + `"}}`
	if err != nil || len(bodies) != 1 || string(bodies[0]) != want {
		t.Errorf("got %q, %v, want %s", bodies, err, want)
	}
}

func TestBodiesNeedTheirCursors(t *testing.T) {
	t.Parallel()
	none := &Cursors{}
	if _, err := Bodies(Backline, All[0], &data.Workload{Artists: []int64{1}}, none); err == nil {
		t.Error("no error for a row without a cursor")
	}
}
