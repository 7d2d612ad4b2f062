package releases

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"backline/store"
	"backline/test/fleet"
)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "backline-releases-")
	if err != nil {
		panic(err)
	}
	build := func(name string, edits []fleet.Edit) func() (string, error) {
		return sync.OnceValues(func() (string, error) {
			own := filepath.Join(dir, name)
			if err := os.Mkdir(own, 0o700); err != nil {
				return "", err
			}
			return fleet.Build(context.Background(), own, edits...)
		})
	}
	older, newer = build("older", []fleet.Edit{patient}), build("newer", nextRelease)
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(dir)
		os.Exit(code)
	}))
}

// older and newer are the binaries of two releases, each built by the first test that needs it.
var older, newer func() (string, error)

// layout names what stands for the shape of rows in the newer release.
const layout = "BACKLINE_TEST_LAYOUT"

// patient waits for Redis as long as it takes. All edits are of one file of package main, so that there is
// little to build.
var patient = fleet.Edit{
	File: "caching.go", Old: "Schema: schema,",
	New: "Schema: schema, Budget: time.Minute, LeaseWait: time.Minute, Timing: fieldcache.PatientTiming(),",
}

// nextRelease writes values that the release before cannot read, nor it those, and knows of something that
// is kept of artists which the one before does not know.
var nextRelease = []fleet.Edit{
	patient,
	{File: "caching.go", Old: "import (\n", New: "import (\n\t\"os\"\n"},
	{File: "caching.go", Old: "[]byte(store.CacheLayout + ", New: "[]byte(os.Getenv(\"" + layout + "\") + store.CacheLayout[:0] + "},
	{File: "caching.go", Old: "spaces := loaders.Spaces()", New: "spaces := nextSpaces(loaders.Spaces())"},
	{File: "caching.go", Old: "tables: loaders.Dependents()", New: "tables: nextTables(loaders.Dependents())"},
	{File: "caching.go", Old: "// start waits until", New: `func nextSpaces(spaces []fieldcache.SpaceConfig) []fieldcache.SpaceConfig {
	for i := range spaces {
		c := spaces[i].Codec
		spaces[i].Codec = fieldcache.Codec{
			Append: func(b []byte, value any) []byte { return c.Append(append(b, "next"...), value) },
			Read: func(b []byte) (any, error) {
				if !strings.HasPrefix(string(b), "next") {
					return nil, errors.New("a value of another release")
				}
				return c.Read(b[len("next"):])
			},
		}
	}
	return spaces
}

func nextTables(tables []loaders.Dependent) []loaders.Dependent {
	for i := range tables {
		if tables[i].Table == "artist" {
			songs := tables[i].Touches[0]
			songs.Space = "Artist.songs"
			tables[i].Touches = append(tables[i].Touches, songs)
		}
	}
	return tables
}

// start waits until`},
}

const patience = 5 * time.Minute

// town is a fleet of a server of each release, over one shard, and a person at psql.
type town struct {
	*fleet.Fleet
	t          *testing.T
	web        *http.Client
	psql       *pgx.Conn
	old, young *fleet.Server
	album      string
	writes     int
}

// open starts the older release; the newer one is left to be started. Its rows are said to be as shape says.
func open(t *testing.T, shape string) *town {
	t.Helper()
	if testing.Short() {
		t.Skip("builds two servers and starts them")
	}
	binary, err := older()
	if err != nil {
		t.Fatal(err)
	}
	next, err := newer()
	if err != nil {
		t.Fatal(err)
	}
	f, err := fleet.Open(t.Context(), fleet.Options{
		Shards: 1, Servers: 2, Idle: true, Binary: binary,
		Flags: []string{"--cache=fields", "--env=development", "--seed=demo", "--seed-scale=0.02", "--throttle=off", "--request-timeout=1m"},
	})
	if err != nil {
		t.Fatal(err)
	}
	s := &town{Fleet: f, t: t, web: &http.Client{Transport: &http.Transport{}, Timeout: patience}, old: f.Servers[0], young: f.Servers[1]}
	t.Cleanup(func() {
		s.web.CloseIdleConnections()
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	s.young.Use(next, layout+"="+shape)
	s.start(s.old)
	if s.psql, err = pgx.Connect(t.Context(), f.Shards.PostgresURLs()[0]); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.psql.Close(context.Background()) })
	_, rest, _ := strings.Cut(s.ask(s.old, `{ albums(first: 1) { nodes { id } } }`), `"id":"`)
	s.album, _, _ = strings.Cut(rest, `"`)
	return s
}

func (s *town) start(server *fleet.Server) {
	s.t.Helper()
	if err := server.Start(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	if err := server.AwaitCache(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

// ask gives the body of an answer, with what it took.
func (s *town) ask(server *fleet.Server, query string) string {
	s.t.Helper()
	a, err := server.Ask(s.t.Context(), s.web, query, nil, "Backline-Trace: 1")
	if err != nil || len(a.Errors) > 0 {
		s.t.Fatalf("%s does not answer: %v %s", server.Name, err, server.Log())
	}
	return string(a.Body)
}

func (s *town) until(what string, ok func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("waited in vain until %s", what)
		}
	}
}

// feed is what a server is to the shard: "reading" or "standby".
func (s *town) feed(server *fleet.Server) string {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, server.URL()+"/health/ready?verbose", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	answer, err := s.web.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	var ready struct {
		Details struct {
			Cache struct{ Feeds []struct{ State string } }
		}
	}
	if err := json.NewDecoder(answer.Body).Decode(&ready); err != nil || len(ready.Details.Cache.Feeds) != 1 {
		s.t.Fatalf("%s has no feed: %v", server.Name, err)
	}
	return ready.Details.Cache.Feeds[0].State
}

// query shows a row by its id, the row above it and a page below.
func (s *town) query() string {
	return `{ album(id: "` + s.album + `") { title artist { name } tracks(first: 3) { nodes { name } } } }`
}

// kept waits until servers give an answer without asking the shard.
func (s *town) kept(servers ...*fleet.Server) {
	s.t.Helper()
	for _, server := range servers {
		s.until(server.Name+" keeps it", func() bool { return strings.Contains(s.ask(server, s.query()), `"statements":0,`) })
	}
}

// write changes all rows of a table at psql while servers keep them, and waits until these answer with it:
// from then on no answer is as it was before.
func (s *town) write(table, column string, servers ...*fleet.Server) {
	s.t.Helper()
	s.kept(servers...)
	s.writes++
	text := fmt.Sprintf("%s %d", table, s.writes)
	if _, err := s.psql.Exec(s.t.Context(), "UPDATE "+table+" SET "+column+" = $1", text); err != nil {
		s.t.Fatal(err)
	}
	for _, server := range servers {
		s.until(server.Name+" has heard of "+text, func() bool { return strings.Contains(s.ask(server, s.query()), `"`+text+`"`) })
	}
	for range 5 {
		for _, server := range servers {
			if answer := s.ask(server, s.query()); !strings.Contains(answer, `"`+text+`"`) {
				s.t.Errorf("%s is back at what was before %s: %s", server.Name, text, answer)
			}
		}
	}
}

func (s *town) discarded() float64 {
	s.t.Helper()
	n, err := s.Sum(s.t.Context(), "backline_cache_discarded_total")
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

// TestSideBySide is a rolling deploy, there and back.
func TestSideBySide(t *testing.T) {
	t.Parallel()
	s := open(t, "next")
	if got := s.feed(s.old); got != "reading" {
		t.Fatalf("the only server is %s", got)
	}
	s.kept(s.old)
	s.start(s.young)
	s.until("the newer release reads the changes", func() bool { return s.feed(s.young) == "reading" && s.feed(s.old) == "standby" })
	for range 2 {
		s.write("album", "title", s.old, s.young)
		s.write("artist", "name", s.old, s.young)
		s.write("track", "name", s.young, s.old)
	}
	s.kept(s.old, s.young)
	schemas := map[string]bool{}
	client := s.Redis.Client()
	defer client.Close()
	keys, err := client.Keys(t.Context(), "backline:cache:*:Album:*").Result()
	for _, k := range keys {
		schemas[strings.Split(k, ":")[2]] = true
	}
	if err != nil || len(schemas) != 2 {
		t.Errorf("the releases keep rows under %d sorts of keys: %q, %v", len(schemas), keys, err)
	}
	if n := s.discarded(); n != 0 {
		t.Errorf("%v values could not be read", n)
	}
	if err := s.young.Stop(); err != nil {
		t.Fatal(err)
	}
	s.until("the older release reads again", func() bool { return s.feed(s.old) == "reading" })
	s.write("album", "title", s.old)
	s.write("artist", "name", s.old)
	s.start(s.young) // what it kept before has been forgotten by a release that cannot read it
	s.until("the newer release reads the changes again", func() bool { return s.feed(s.young) == "reading" })
	s.write("album", "title", s.young, s.old)
	if n := s.discarded(); n != 0 {
		t.Errorf("%v values could not be read", n)
	}
}

// TestSameKeys: were the releases to say that their rows are alike, they would read each other's values.
// They throw away what they cannot read, and still answer right.
func TestSameKeys(t *testing.T) {
	t.Parallel()
	s := open(t, store.CacheLayout)
	s.start(s.young)
	s.until("the newer release reads the changes", func() bool { return s.feed(s.young) == "reading" && s.feed(s.old) == "standby" })
	s.write("album", "title", s.old)
	s.write("album", "title", s.young)
	s.until("a server meets what it cannot read", func() bool {
		s.kept(s.old, s.young)
		s.write("artist", "name", s.old, s.young)
		return s.discarded() > 0
	})
}
