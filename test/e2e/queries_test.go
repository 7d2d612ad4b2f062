package e2e

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"backline/graph/rights"
	"backline/loaders"
	"backline/resolvers"
	"backline/store"
	"backline/store/shard"
)

var update = flag.Bool("update", false, "write the goldens")

// TestQueries asks every query of the folder on one, two and four shards and of both executors:
// the answers are the same, byte for byte, and take the statements that the golden says.
func TestQueries(t *testing.T) {
	t.Parallel()
	servers := map[string]*server{
		"1 shard":  start(t, 1, resolvers.Breadth),
		"2 shards": start(t, 2, resolvers.Breadth),
		"4 shards": start(t, 4, resolvers.Breadth),
	}
	for shards, on := range map[string]*server{"1 shard": servers["1 shard"], "4 shards": servers["4 shards"]} {
		servers[shards+", children with their rows"] = serveWith(t, on.Cluster, resolvers.Breadth, &loaders.Options{Store: on.Store})
	}
	reference := serve(t, servers["4 shards"].Cluster, resolvers.Reference)
	ids := newIDs(servers["1 shard"])
	cases, err := filepath.Glob("*/query.graphql")
	if err != nil || len(cases) < 40 {
		t.Fatalf("found %d queries: %v", len(cases), err)
	}
	for _, path := range cases {
		dir := filepath.Dir(path)
		t.Run(dir, func(t *testing.T) {
			t.Parallel()
			query, variables := read(t, dir, ids)
			viewer := readViewer(t, dir, ids)
			want := servers["4 shards"].as(viewer).ask(t, query, variables, true)
			golden(t, filepath.Join(dir, "result.golden.json"), indent(t, want))
			if c := want.Extensions.Cost; c == nil || c.Actual == nil || *c.Actual > c.Requested {
				t.Errorf("it costs more than it was estimated to: %+v", c)
			}
			plan := planOf(want.Extensions.Backline)
			golden(t, filepath.Join(dir, "plan.golden"), plan.bytes())

			for name, s := range servers {
				got := s.as(viewer).ask(t, query, variables, true)
				if !bytes.Equal(got.Data, want.Data) || got.messages() != want.messages() {
					t.Errorf("%s answer otherwise:\n%s", name, got.Data)
				}
				if n := planOf(got.Extensions.Backline).statements(); n > plan.statements() {
					t.Errorf("%s take %d statements, not %d", name, n, plan.statements())
				}
			}
			wide := widened(variables)
			wider := servers["4 shards"].as(viewer).ask(t, query, wide, true)
			for _, s := range []string{"1 shard, children with their rows", "4 shards, children with their rows"} {
				if got := servers[s].as(viewer).ask(t, query, wide, false); !bytes.Equal(got.Data, wider.Data) {
					t.Errorf("ten times as wide %s answer otherwise:\n%s", s, got.Data)
				}
			}
			if p := planOf(wider.Extensions.Backline); !p.sameAs(plan) {
				t.Errorf("ten times as wide it takes\n%snot\n%s", p.bytes(), plan.bytes())
			}
			got := reference.as(viewer).ask(t, query, variables, true)
			if !bytes.Equal(got.Data, want.Data) || got.messages() != want.messages() {
				t.Errorf("the reference executor answers otherwise:\n%s\n%s", got.Data, got.messages())
			}
			if p := planOf(got.Extensions.Backline); p.statements() < plan.statements() {
				t.Errorf("the reference executor takes fewer statements:\n%snot\n%s", p.bytes(), plan.bytes())
			}
		})
	}
}

// plan is how many statements each loader sent to each shard, wave by wave.
type plan map[step]map[string]int

type step struct {
	wave   int
	loader string
}

func planOf(t *loaders.Trace) plan {
	p := plan{}
	if t == nil {
		return p
	}
	for _, b := range t.Batches {
		if len(b.Statements) == 0 { // all its keys were kept
			continue
		}
		s := step{b.Wave, b.Loader}
		if p[s] == nil {
			p[s] = map[string]int{}
		}
		for _, st := range b.Statements {
			p[s][st.Shard]++
		}
	}
	return p
}

func (p plan) bytes() []byte {
	var b bytes.Buffer
	steps := slices.SortedFunc(maps.Keys(p), func(a, b step) int {
		if a.wave != b.wave {
			return a.wave - b.wave
		}
		return strings.Compare(a.loader, b.loader)
	})
	for _, s := range steps {
		fmt.Fprintf(&b, "wave %d  %s ", s.wave, s.loader)
		for _, shard := range slices.Sorted(maps.Keys(p[s])) {
			fmt.Fprintf(&b, " %s×%d", shard, p[s][shard])
		}
		b.WriteByte('\n')
	}
	return b.Bytes()
}

func (p plan) statements() int {
	n := 0
	for _, shards := range p {
		for _, k := range shards {
			n += k
		}
	}
	return n
}

// sameAs says that two plans have the same steps with as many statements on a shard. A wider list
// may only reach shards that a narrow one had no key on.
func (p plan) sameAs(narrow plan) bool {
	if len(p) != len(narrow) {
		return false
	}
	for s, shards := range narrow {
		most := slices.Max(slices.Collect(maps.Values(shards)))
		for shard, n := range p[s] {
			if narrowN, ok := shards[shard]; ok && n != narrowN || n > most {
				return false
			}
		}
		for shard := range shards {
			if p[s][shard] == 0 {
				return false
			}
		}
	}
	return true
}

// read reads a case and puts real ids in the place of {{artist 3}}.
func read(t *testing.T, dir string, ids *ids) (query string, variables map[string]any) {
	t.Helper()
	q, err := os.ReadFile(filepath.Join(dir, "query.graphql"))
	if err != nil {
		t.Fatal(err)
	}
	v, err := os.ReadFile(filepath.Join(dir, "variables.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(ids.replace(t, string(v))), &variables); err != nil {
		t.Fatalf("variables.json: %v", err)
	}
	return ids.replace(t, string(q)), variables
}

// readViewer reads who asks: nobody, where there is no viewer.json.
func readViewer(t *testing.T, dir string, ids *ids) *rights.Viewer {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "viewer.json"))
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		ID     string
		Scopes []string
	}
	if err := json.Unmarshal([]byte(ids.replace(t, string(text))), &v); err != nil {
		t.Fatalf("viewer.json: %v", err)
	}
	return &rights.Viewer{ID: v.ID, Subject: cmp.Or(v.ID, "a service"), Scopes: v.Scopes, Via: rights.ViaToken}
}

// widened multiplies the variables $first, $first2, … and $last… by ten.
func widened(variables map[string]any) map[string]any {
	out := maps.Clone(variables)
	for name, v := range out {
		if n, ok := v.(float64); ok && (strings.HasPrefix(name, "first") || strings.HasPrefix(name, "last")) {
			out[name] = min(10*n, store.MaxPageSize)
		}
	}
	return out
}

// ids finds the rows that placeholders mean: the row whose key in the catalogue is that number.
type ids struct{ server *server }

func newIDs(s *server) *ids { return &ids{s} }

var placeholder = regexp.MustCompile(`\{\{(\w+) (\d+)\}\}`)

var types = map[string]string{
	"artist": "Artist", "album": "Album", "track": "Track", "genre": "Genre", "media_type": "MediaType",
	"playlist": "Playlist", "customer": "Customer", "invoice": "Invoice", "invoice_line": "InvoiceLine", "employee": "Employee",
}

func (i *ids) replace(t *testing.T, text string) string {
	t.Helper()
	return placeholder.ReplaceAllStringFunc(text, func(s string) string {
		m := placeholder.FindStringSubmatch(s)
		n, err := strconv.ParseInt(m[2], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return i.find(t, m[1], n).String()
	})
}

// find gives the id of a row, or one that no row has.
func (i *ids) find(t *testing.T, table string, key int64) store.NodeID {
	t.Helper()
	id, err := shard.Imported(key, shard.BucketOf(key))
	if err != nil {
		t.Fatal(err)
	}
	kind := store.KindOf(types[table])
	if kind == 0 {
		t.Fatalf("no type has the table %s", table)
	}
	var real store.ID
	if err := i.server.Store.Pools()[0].QueryRow(t.Context(), "SELECT coalesce(min(id), 0) FROM "+table+" WHERE id >> 22 = $1", key).Scan(&real); err != nil {
		t.Fatal(err)
	}
	if real != 0 {
		id = real
	}
	return store.NodeID{Kind: kind, ID: id}
}

func indent(t *testing.T, r response) []byte {
	t.Helper()
	out, err := json.MarshalIndent(struct {
		Data   json.RawMessage `json:"data"`
		Errors []responseError `json:"errors,omitempty"`
	}{r.Data, r.Errors}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(out, '\n')
}

func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run with -update to write it)", err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: got\n%s\nwant\n%s", path, got, want)
	}
}
