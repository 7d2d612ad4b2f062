package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"backline/store/embedded"
)

// caching is two servers that share shards and a Redis.
type caching struct {
	t        *testing.T
	urls     []string
	one, two *running
}

func startCaching(t *testing.T, shards int, more ...string) *caching {
	t.Helper()
	servers, err := embedded.Start(t.Context(), embedded.Options{Shards: shards, Redis: true, Ephemeral: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { servers.Stop(context.Background()) })
	c := &caching{t: t, urls: servers.PostgresURLs()}
	more = append(more, "--postgres-urls="+strings.Join(c.urls, ","), "--redis-url="+servers.RedisURL(), "--seed=demo", "--throttle=off")
	c.one = start(t, settings(t, more...))
	c.two = start(t, settings(t, more...))
	return c
}

// exec runs SQL on all shards, past the servers.
func (c *caching) exec(sql string) {
	c.t.Helper()
	for _, url := range c.urls {
		conn, err := pgx.Connect(c.t.Context(), url)
		if err != nil {
			c.t.Fatal(err)
		}
		_, err = conn.Exec(c.t.Context(), sql)
		conn.Close(c.t.Context())
		if err != nil {
			c.t.Fatal(err)
		}
	}
}

func (c *caching) until(what string, ok func() bool) {
	c.t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			c.t.Fatalf("waited in vain until %s", what)
		}
	}
}

// kept waits until a server takes a query's root fields as bytes, and gives the data.
func (c *caching) kept(r *running, query, from string) string {
	c.t.Helper()
	var data string
	c.until("the answer of "+query+" is kept", func() bool {
		_, body := r.query(query, "Backline-Trace: 1")
		var ok bool
		data, _, ok = strings.Cut(body, `,"extensions"`)
		return ok && strings.Contains(body, `"batches":[],"subtrees":[{"field":`) && strings.Contains(body, `"from":"`+from)
	})
	return data
}

// first is the id of some row.
func (c *caching) first(list string) string {
	c.t.Helper()
	_, body := c.one.query(`{ ` + list + `(first: 1) { nodes { id } } }`)
	_, rest, _ := strings.Cut(body, `"id":"`)
	id, _, ok := strings.Cut(rest, `"`)
	if !ok {
		c.t.Fatal(body)
	}
	return id
}

// TestSubtrees: answers are kept as bytes, in the process and in Redis, and each row that they show changes
// them, whoever writes it.
func TestSubtrees(t *testing.T) {
	t.Parallel()
	for _, shards := range []int{1, 4} {
		t.Run(fmt.Sprint(shards), func(t *testing.T) {
			t.Parallel()
			c := startCaching(t, shards, "--cache=fields", "--cache-subtrees")
			album := c.first("albums")
			for query, writes := range map[string][]string{
				`{ album(id: "` + album + `") { title by: artist { name } } }`: {
					"UPDATE album SET title = 'X'", "UPDATE artist SET name = 'X'",
				},
				`{ node(id: "` + album + `") { id ... on Album { title tracks(first: 2, orderBy: NAME) { totalCount nodes { name } } } } }`: {
					"UPDATE album SET title = 'X'", "UPDATE track SET name = 'X'",
					"DELETE FROM track WHERE album_id IS NOT NULL AND name < 'Y'",
				},
				`{ artists(first: 3) { totalCount pageInfo { endCursor } nodes { name albums(first: 2) { nodes { title tracks(first: 4) {
					nodes { name genre { name } mediaType { name } } } } } } } }`: {
					"UPDATE artist SET name = 'X' || name", "UPDATE album SET title = 'X'", "UPDATE track SET name = 'X'",
					"UPDATE genre SET name = 'X' || name", "UPDATE media_type SET name = 'X' || name", "UPDATE track SET genre_id = NULL",
					"DELETE FROM track WHERE name < 'Y'",
				},
				`{ playlists(first: 2) { nodes { name tracks(first: 3) { nodes { name album { artist { name } } } } } } }`: {
					"UPDATE playlist SET name = 'X' || name", "UPDATE track SET name = 'X'", "UPDATE artist SET name = 'X'",
					"DELETE FROM playlist_track WHERE position < 3",
				},
			} {
				c.follows(query, writes)
			}
		})
	}
}

// follows keeps an answer, and sees for each write that both servers give the answer that is right then.
func (c *caching) follows(query string, writes []string) {
	c.t.Helper()
	for n, write := range writes {
		before := c.kept(c.one, query, "local")
		c.until("the other finds it in Redis", func() bool {
			_, body := c.two.query(query, "Backline-Trace: 1")
			return strings.Contains(body, `"from":"`)
		})
		c.exec(strings.ReplaceAll(write, "'X'", fmt.Sprintf("'%d'", n)))
		for _, r := range []*running{c.one, c.two} {
			c.until(write+" is seen in "+query, func() bool {
				_, body := r.query(query)
				data, _, _ := strings.Cut(body, `,"extensions"`)
				return strings.TrimSuffix(data, "}") != strings.TrimSuffix(before, "}")
			})
			// What is kept then is what an operation gives that asks for the same in another form. The feed
			// tells of many rows one part after the other, so what was kept first may be forgotten again.
			c.until("another form of it says the same", func() bool {
				kept := c.kept(r, query, "local")
				_, other := r.query(strings.Replace(query, "{ ", "{ __typename ", 2))
				return strings.ReplaceAll(strings.ReplaceAll(other, `"__typename":"Query",`, ""), typename(other), "") == kept+"}"
			})
		}
	}
}

// typename is the type name of the second object of an answer.
func typename(body string) string {
	_, rest, _ := strings.Cut(body, `"__typename":"Query",`)
	_, rest, ok := strings.Cut(rest, `"__typename":"`)
	name, _, _ := strings.Cut(rest, `"`)
	if !ok {
		return "\x00"
	}
	return `"__typename":"` + name + `",`
}

// TestSubtreesCostTheSame: a price is that of the execution, whether there was one or not.
func TestSubtreesCostTheSame(t *testing.T) {
	t.Parallel()
	c := startCaching(t, 1, "--cache=fields", "--cache-subtrees")
	query := `{ album(id: "` + c.first("albums") + `") { title by: artist { name } tracks(first: 2) { nodes { name } } } }`
	c.kept(c.one, query, "local")
	_, kept := c.one.query(query, "GraphQL-Cost: report")
	_, made := c.one.query(strings.Replace(query, "by:", "of:", 1), "GraphQL-Cost: report")
	if strings.Replace(made, `"of":`, `"by":`, 1) != kept || !strings.Contains(kept, `"actualQueryCost":`) {
		t.Errorf("kept: %s, made: %s", kept, made)
	}
}

// TestPrivateSubtreesAreNotKept: what somebody may see that others may not is executed for each of them.
func TestPrivateSubtreesAreNotKept(t *testing.T) {
	t.Parallel()
	c := startCaching(t, 1, "--cache=fields", "--cache-subtrees")
	for _, query := range []string{
		`{ customers(first: 1) { nodes { email } } }`, `{ employee(id: "emp_x") { birthDate } }`, `{ viewer { __typename } }`,
	} {
		for range 3 {
			if _, body := c.one.query(query, "Backline-Trace: 1"); strings.Contains(body, `"subtrees"`) {
				t.Errorf("%s: %s", query, body)
			}
		}
	}
}
