package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"backline/gateway/identity"
	"backline/store"
	"backline/store/embedded"
)

// catalogue is a fleet of two on databases of its own: one server keeps what it may, the other nothing.
type catalogue struct {
	*testing.T
	kept, plain *member
	shards      []*pgx.Conn
}

// member is a server of the fleet, and the tokens that it has given out.
type member struct {
	*running
	dir    string
	tokens map[string]string
}

func openCatalogue(t *testing.T, shards int) *catalogue {
	t.Helper()
	servers, err := embedded.Start(t.Context(), embedded.Options{Shards: shards, Redis: true, Ephemeral: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { servers.Stop(context.Background()) })
	urls := servers.PostgresURLs()
	on := func(cache string) *member {
		args := settings(t, "--cache="+cache, "--postgres-urls="+strings.Join(urls, ","), "--redis-url="+servers.RedisURL(), "--seed=demo", "--throttle=off")
		c, err := parse(args, nil, "test", io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		c.leastTTL = time.Hour
		dir := strings.TrimPrefix(args[2], "--data-dir=")
		return &member{startConfigured(t, c), dir, map[string]string{}}
	}
	c := &catalogue{T: t, kept: on("fields"), plain: on("off")}
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
	who   identity.Person // nobody, without a subject
	never bool            // kept: what is private is kept for nobody
}

// ask gives the data that a server answers, and the loaders that had to ask the store for it.
func (c *catalogue) ask(of *member, q question) (data string, loaders []string) {
	c.Helper()
	headers := []string{"Backline-Trace: 1"}
	if q.who.Subject != "" {
		key := fmt.Sprint(q.who)
		if of.tokens[key] == "" {
			of.tokens[key] = mint(c.T, of.dir, q.who)
		}
		headers = append(headers, of.tokens[key])
	}
	_, body := of.query(q.query, headers...)
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
			loaders = append(loaders, b.Loader)
		}
	}
	return string(answer.Data), loaders
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
			if _, loaders := c.ask(c.kept, q); len(loaders) > 0 && !q.never {
				return fmt.Sprintf("%s still asks %v", q.query, loaders)
			}
			return ""
		})
	}
}

// agree waits until all questions are answered as by the server that keeps nothing. It gives these answers.
func (c *catalogue) agree(after string, all []question) (answers []string) {
	c.Helper()
	for _, q := range all {
		want, _ := c.ask(c.plain, q)
		answers = append(answers, want)
		c.eventually("the change is seen after "+after, func() string {
			if got, _ := c.ask(c.kept, q); got != want {
				return fmt.Sprintf("%s of %v gives %s, not %s", q.query, q.who, got, want)
			}
			return ""
		})
	}
	return answers
}

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
	admin := identity.Person{Subject: "boss", Scopes: []string{"admin"}}
	for _, who := range []identity.Person{
		admin, {Subject: rep, Scopes: []string{"staff"}}, {Subject: rep}, {Subject: customer}, {Subject: other}, {},
	} {
		mine := `{ invoice(id: "` + invoice + `") { total lines(first: 2) { totalCount nodes { quantity unitPrice track { name } } } } customer(id: "` + customer + `") { email invoices { totalCount nodes { total lines { totalCount nodes { quantity } } } } } }`
		all = append(all, question{mine, who, who.Subject == ""})
		if who.Subject != "" {
			all = append(all, question{`{ customers(first: 2, orderBy: ID) { totalCount nodes { email supportRep { lastName } invoices(first: 2, orderBy: DATE_DESC) { totalCount nodes { total } } } } }`, who, false})
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
