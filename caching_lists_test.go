package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"backline/gateway"
	"backline/gateway/identity"
	"backline/graph/cost"
	"backline/graph/rights"
	"backline/loaders"
	"backline/loaders/fieldcache"
	"backline/redisurl"
	"backline/resolvers"
	"backline/store"
	"backline/store/embedded"
	"backline/store/feed"
)

// catalogue is a fleet of two on databases of its own: a server that keeps nothing, and one that keeps
// what it may, and for so long that no end of a TTL is taken for an invalidation.
type catalogue struct {
	*testing.T
	plain  *running
	dir    string // of plain
	tokens map[string]string
	kept   http.Handler
	shards []*pgx.Conn
}

func openCatalogue(t *testing.T, shards int) *catalogue {
	t.Helper()
	servers, err := embedded.Start(t.Context(), embedded.Options{Shards: shards, Redis: true, Ephemeral: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { servers.Stop(context.Background()) })
	urls := servers.PostgresURLs()
	args := settings(t, "--cache=off", "--postgres-urls="+strings.Join(urls, ","), "--redis-url="+servers.RedisURL(), "--seed=demo", "--throttle=off")
	c := &catalogue{
		T: t, tokens: map[string]string{}, plain: start(t, args), dir: strings.TrimPrefix(args[2], "--data-dir="),
		kept: keepingServer(t, urls, servers.RedisURL()),
	}
	for _, url := range urls {
		conn, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close(context.Background()) })
		c.shards = append(c.shards, conn)
	}
	return c
}

// keepingServer is a server whose values live for an hour, unless they are invalidated.
func keepingServer(t *testing.T, urls []string, redisURL string) http.Handler {
	t.Helper()
	client, err := redisurl.Open(redisURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	st, err := store.Open(t.Context(), store.Config{URLs: urls, Timeout: patience})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(st.Close)
	spaces := loaders.Spaces()
	for i := range spaces {
		spaces[i].Policy.TTL, spaces[i].Policy.Negative = time.Hour, time.Hour
	}
	cache, err := fieldcache.New(fieldcache.Config{Redis: client, Spaces: spaces, Schema: store.CacheLayout, LocalBytes: 1 << 20, Budget: patience, Timing: fieldcache.PatientTiming()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cache.Close)
	changes := changes{invalidator: fieldcache.NewInvalidator(client, "", store.CacheLayout), tables: loaders.Dependents()}
	following := feed.Config{Tables: changes.feed(), Sink: changes, KeepBytes: keepWAL}
	for i, url := range urls {
		following.Shards = append(following.Shards, feed.Shard{Name: fmt.Sprint(i), URL: url})
	}
	feeds, err := feed.Start(following)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(feeds.Close)
	for deadline := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		status := feeds.Status()
		if !slices.ContainsFunc(status, func(s feed.Status) bool { return s.State != feed.Reading }) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the feeds do not read: %+v", status)
		}
	}
	for _, s := range feeds.Status() {
		if len(s.Advice) > 0 { // such as a replica identity that lacks a parent
			t.Fatalf("the feed of shard %s: %q", s.Shard, s.Advice)
		}
	}
	schema := resolvers.Executable(&resolvers.Resolver{}, resolvers.Breadth)
	prices, err := cost.NewTable(schema.Schema())
	if err != nil {
		t.Fatal(err)
	}
	options := &loaders.Options{Store: st, Cache: cache}
	handler, err := gateway.New(gateway.Config{
		Schema:      schema,
		Attach:      func(ctx context.Context, trace bool) context.Context { return loaders.Attach(ctx, options, trace) },
		Trace:       func(ctx context.Context) any { return loaders.TraceOf(ctx) },
		Development: true,
		Price:       gateway.Price{Table: prices},
		Limits:      gateway.Limits{Timeout: patience},
	})
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

// exec runs a statement on every shard, as somebody who knows nothing of the servers, and gives how many
// rows it wrote.
func (c *catalogue) exec(sql string) (rows int64) {
	c.Helper()
	for _, shard := range c.shards {
		tag, err := shard.Exec(c.Context(), sql)
		if err != nil {
			c.Fatalf("%s: %v", sql, err)
		}
		rows += tag.RowsAffected()
	}
	return rows
}

// least is the least number that a query gives on any shard.
func (c *catalogue) least(sql string) (least int64) {
	c.Helper()
	for _, shard := range c.shards {
		var n *int64
		if err := shard.QueryRow(c.Context(), sql).Scan(&n); err != nil {
			c.Fatalf("%s: %v", sql, err)
		}
		if n != nil && (least == 0 || *n < least) {
			least = *n
		}
	}
	if least == 0 {
		c.Fatalf("%s finds nothing", sql)
	}
	return least
}

// question is a query and who asks it.
type question struct {
	query string
	who   *rights.Viewer // nil: nobody, for whom nothing is kept that is private
}

// ask gives the data that the server answers which keeps what it may, and the loaders that had to ask the
// store for it.
func (c *catalogue) ask(q question) (data string, asked []string) {
	c.Helper()
	body, err := json.Marshal(map[string]string{"query": q.query})
	if err != nil {
		c.Fatal(err)
	}
	r := httptest.NewRequestWithContext(rights.With(c.Context(), q.who), http.MethodPost, "/graphql", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Backline-Trace", "1")
	w := httptest.NewRecorder()
	c.kept.ServeHTTP(w, r)
	return c.read(q, w.Body.String())
}

// askPlain gives the data that the other one answers.
func (c *catalogue) askPlain(q question) string {
	c.Helper()
	var headers []string
	if q.who != nil {
		key := fmt.Sprint(q.who)
		if c.tokens[key] == "" {
			c.tokens[key] = mint(c.T, c.dir, identity.Person{Subject: q.who.Subject, Scopes: q.who.Scopes})
		}
		headers = append(headers, c.tokens[key])
	}
	_, body := c.plain.query(q.query, headers...)
	data, _ := c.read(q, body)
	return data
}

func (c *catalogue) read(q question, body string) (data string, asked []string) {
	c.Helper()
	var answer struct {
		Data       json.RawMessage
		Errors     json.RawMessage
		Extensions struct {
			Backline struct {
				Batches []struct {
					Loader     string
					Statements []any
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil || answer.Errors != nil {
		c.Fatalf("%s: %s (%v)", q.query, body, err)
	}
	for _, b := range answer.Extensions.Backline.Batches {
		if len(b.Statements) > 0 {
			asked = append(asked, b.Loader)
		}
	}
	return string(answer.Data), asked
}

// eventually waits until nothing differs.
func (c *catalogue) eventually(what string, differs func() string) {
	c.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		why := differs()
		if why == "" {
			return
		}
		if time.Now().After(deadline) {
			c.Fatalf("waited in vain until %s: %s", what, why)
		}
	}
}

// warm waits until all questions are answered from what is kept.
func (c *catalogue) warm(all []question) {
	c.Helper()
	for _, q := range all {
		c.eventually("it is kept", func() string {
			if _, asked := c.ask(q); len(asked) > 0 && !q.isNobodys() {
				return fmt.Sprintf("%s still asks %v", q.query, asked)
			}
			return ""
		})
	}
}

// agree waits until all questions are answered as by the server that keeps nothing. It gives these answers.
func (c *catalogue) agree(after string, all []question) (answers []string) {
	c.Helper()
	for _, q := range all {
		want := c.askPlain(q)
		answers = append(answers, want)
		c.eventually("the change is seen after "+after, func() string {
			if got, _ := c.ask(q); got != want {
				return fmt.Sprintf("%s of %v gives %s, not %s", q.query, q.who, got, want)
			}
			return ""
		})
	}
	return answers
}

// viewer is who a token of development stands for.
func viewer(subject string, scopes ...string) *rights.Viewer {
	v := &rights.Viewer{Subject: subject, Scopes: scopes, Via: rights.ViaToken}
	if _, err := store.ParseNodeID(subject); err == nil {
		v.ID = subject
	}
	return v
}

// isNobodys says that a question is about what is private, and that nobody asks it.
func (q question) isNobodys() bool { return q.who == nil && strings.Contains(q.query, "customer(") }

// questions read every list that is kept, as each sort of viewer.
func (c *catalogue) questions() []question {
	first := c.least("SELECT min(id) FROM customer WHERE support_rep_id IS NOT NULL")
	customer := store.NodeID{Kind: store.KindCustomer, ID: store.ID(first)}.String()
	other := store.NodeID{Kind: store.KindCustomer, ID: store.ID(c.least(fmt.Sprint("SELECT min(id) FROM customer WHERE id > ", first)))}.String()
	rep := store.NodeID{Kind: store.KindEmployee, ID: store.ID(c.least(fmt.Sprint("SELECT min(support_rep_id) FROM customer WHERE id = ", first)))}.String()
	invoice := store.NodeID{Kind: store.KindInvoice, ID: store.ID(c.least(fmt.Sprint("SELECT min(id) FROM invoice WHERE customer_id = ", first)))}.String()

	all := []question{
		{query: `{ artists(first: 5, orderBy: ID) { totalCount nodes { name albums(first: 3, orderBy: TITLE) { totalCount pageInfo { hasNextPage endCursor } edges { cursor node { title artist { name } } } } } } }`},
		{query: `{ albums(first: 4, orderBy: ID) { totalCount nodes { title tracks(first: 3) { totalCount nodes { name genre { name } mediaType { name } album { title } } } } } }`},
		{query: `{ genres(first: 3) { totalCount nodes { name tracks(first: 2, orderBy: LENGTH_DESC) { totalCount edges { cursor node { name milliseconds } } } } } }`},
		{query: `{ playlists(first: 3, orderBy: ID) { nodes { name tracks(first: 3) { totalCount pageInfo { hasNextPage } edges { cursor node { name } } } } } }`},
		{query: `{ mediaTypes { nodes { name } } tracks(last: 3, orderBy: ID) { pageInfo { startCursor hasPreviousPage } nodes { name } } none: tracks(filter: {nameStartsWith: "A new one"}) { totalCount nodes { name } } }`},
		{query: `{ search(query: "new", first: 5) { edges { rank node { __typename ... on Album { title } ... on Track { name } ... on Artist { name } } } } }`},
	}
	for _, who := range []*rights.Viewer{
		viewer("boss", "admin"), viewer(rep, "staff"), viewer(rep), viewer(customer), viewer(other), nil,
	} {
		mine := `{ invoice(id: "` + invoice + `") { total lines(first: 2) { totalCount nodes { quantity unitPrice track { name } } } } customer(id: "` + customer + `") { email invoices { totalCount nodes { total lines { totalCount nodes { quantity } } } } } }`
		all = append(all, question{mine, who})
		if who != nil {
			all = append(all, question{`{ customers(first: 2, orderBy: ID) { totalCount nodes { email supportRep { lastName } invoices(first: 2, orderBy: DATE_DESC) { totalCount nodes { total } } } } }`, who})
		}
	}
	return all
}

// TestCachedLists: whatever somebody writes past the servers, on one, two and four shards, what is kept
// is soon what is there; and as long as nobody writes, nothing is asked for again.
func TestCachedLists(t *testing.T) {
	t.Parallel()
	for _, shards := range []int{1, 2, 4} {
		t.Run(fmt.Sprint(shards, " shards"), func(t *testing.T) {
			t.Parallel()
			c := openCatalogue(t, shards)
			questions := c.questions()
			for _, write := range writes {
				before := c.agree("nothing", questions)
				c.warm(questions)
				if rows := c.exec(write.sql); rows == 0 && !strings.HasPrefix(write.sql, "TRUNCATE") {
					t.Errorf("%s wrote nothing", write.name)
				}
				if after := c.agree(write.name, questions); slices.Equal(before, after) {
					t.Errorf("%s changed no answer", write.name)
				}
			}
		})
	}
}

// Rows of the tests have the sequence of their ids that no row of the demo has.
const (
	firstArtist   = `(SELECT * FROM artist ORDER BY id LIMIT 1) a`
	firstAlbum    = `(SELECT * FROM album ORDER BY id LIMIT 1) a`
	firstPlaylist = `(SELECT * FROM playlist ORDER BY id LIMIT 1) p`
	firstInvoice  = `(SELECT i.* FROM invoice i JOIN (SELECT id FROM customer WHERE support_rep_id IS NOT NULL ORDER BY id LIMIT 1) c ON c.id = i.customer_id ORDER BY i.id LIMIT 1) i`
)

// writes are what people do to a catalogue.
var writes = []struct{ name, sql string }{
	{"a new album", `INSERT INTO album (id, bucket, title, artist_id) SELECT ((id >> 12) << 12) + 4000, bucket, 'A new one', id FROM ` + firstArtist},
	{"another title", `UPDATE album SET title = 'Another new one' WHERE title = 'A new one'`},
	{"a new artist", `INSERT INTO artist (id, bucket, name) SELECT ((id >> 12) << 12) + 4001, bucket, 'A new one' FROM ` + firstArtist},
	{"an album of another artist", `UPDATE album SET artist_id = ((artist_id >> 12) << 12) + 4001 WHERE title = 'Another new one'`},
	{"a new track", `INSERT INTO track (id, bucket, name, milliseconds, unit_price, album_id, media_type_id, genre_id)
		SELECT ((a.id >> 12) << 12) + 4002, a.bucket, 'A new one', 1e9, 1, a.id, (SELECT min(id) FROM media_type), (SELECT min(id) FROM genre) FROM ` + firstAlbum},
	{"a track of another genre", `UPDATE track SET genre_id = (SELECT max(id) FROM genre) WHERE name = 'A new one'`},
	{"a track of no genre and no album", `UPDATE track SET genre_id = NULL, album_id = NULL WHERE name = 'A new one'`},
	{"a track on an album again", `UPDATE track SET album_id = a.id FROM ` + firstAlbum + ` WHERE track.name = 'A new one' AND track.bucket = a.bucket`},
	{"a track less", `DELETE FROM track WHERE name = 'A new one'`},
	{"an album less", `DELETE FROM album WHERE title = 'Another new one'`},
	{"an artist less", `DELETE FROM artist WHERE name = 'A new one'`},
	{"genres of other names", `UPDATE genre SET name = name || '!'`},
	{"media types of other names", `UPDATE media_type SET name = name || '!'`},
	{"a playlist of another name", `UPDATE playlist SET name = name || '!'`},
	{"a link more", `INSERT INTO playlist_track (playlist_id, bucket, track_id, position) SELECT p.id, p.bucket, t.id, 1 FROM ` + firstPlaylist +
		`, (SELECT id FROM track ORDER BY id DESC LIMIT 1) t ON CONFLICT (playlist_id, track_id, bucket) DO UPDATE SET position = 1`},
	{"links in another order", `UPDATE playlist_track SET position = 100000 - position`},
	{"a link to another track", `UPDATE playlist_track l SET track_id = track_id + 1 FROM ` + firstPlaylist + ` WHERE l.playlist_id = p.id`},
	{"a link less", `DELETE FROM playlist_track l USING ` + firstPlaylist + ` WHERE l.playlist_id = p.id AND l.track_id = (SELECT max(track_id) FROM playlist_track WHERE playlist_id = p.id)`},
	{"a new line", `INSERT INTO invoice_line (id, bucket, unit_price, quantity, invoice_id, track_id) SELECT ((i.id >> 12) << 12) + 4003, i.bucket, 1, 77, i.id, 1 FROM ` + firstInvoice},
	{"a line of another invoice", `UPDATE invoice_line l SET invoice_id = o.id FROM ` + firstInvoice + `, LATERAL (SELECT id FROM invoice o WHERE o.customer_id = i.customer_id AND o.id <> i.id LIMIT 1) o WHERE l.quantity = 77`},
	{"a line less", `DELETE FROM invoice_line WHERE quantity = 77`},
	{"invoices of other totals", `UPDATE invoice SET total = total + 1`},
	{"customers of other addresses", `UPDATE customer SET email = email || '!'`},
	{"customers of another employee", `UPDATE customer SET support_rep_id = (SELECT max(id) FROM employee WHERE id <> support_rep_id)`},
	{"employees of other names", `UPDATE employee SET last_name = last_name || '!'`},
	{"customers of nobody", `UPDATE customer SET support_rep_id = NULL`},
	{"many rows at once", `UPDATE track SET name = name || '!'`},
	{"no lines", `TRUNCATE invoice_line`},
	{"no links", `TRUNCATE playlist_track`},
	{"no albums and no tracks", `TRUNCATE album CASCADE`},
}
