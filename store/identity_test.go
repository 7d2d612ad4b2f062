package store_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"backline/store"
	"backline/store/storetest"
)

// TestIdentity: a store is told from all others, also on the same server, and is itself by whatever
// address it is reached, and whoever may not ask for the server's identifier is told one too.
func TestIdentity(t *testing.T) {
	t.Parallel()
	of := func(urls ...string) string {
		t.Helper()
		s, err := store.Open(t.Context(), store.Config{URLs: urls, MaxConns: 2})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		id, err := s.Identity(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	a, b := storetest.NewCluster(t, 2).URLs, storetest.NewCluster(t, 2).URLs
	first := of(a...)
	seen := map[string]string{first: "the first store"}
	for name, urls := range map[string][]string{
		"another one": b, "one of its shards": a[:1], "its shards in another order": {a[1], a[0]}, "half of it": {a[0], b[1]},
	} {
		id := of(urls...)
		if other := seen[id]; other != "" || id == "" {
			t.Errorf("%s is called %q, and so is %s", name, id, other)
		}
		seen[id] = name
	}
	for i, url := range a {
		a[i] = url + separator(url) + "application_name=other&pool_max_conns=1"
	}
	if again := of(a...); again != first {
		t.Errorf("it is called %q, and %q by another address", first, again)
	}

	execute := func(sql string) {
		t.Helper()
		c, err := pgx.Connect(context.Background(), b[0]) // also when the test is over
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close(context.Background())
		if _, err := c.Exec(context.Background(), sql); err != nil {
			t.Fatal(err)
		}
	}
	role := "stranger_" + of(b[1]) // roles are the server's
	t.Cleanup(func() { execute("DROP OWNED BY " + role + "; DROP ROLE " + role) })
	execute("CREATE ROLE " + role + "; GRANT SELECT ON goose_db_version TO " + role + "; REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC")
	if id := of(b[0] + separator(b[0]) + "role=" + role); id == "" || id == of(b[0]) {
		t.Errorf("to somebody without the right it is called %q", id)
	}
}

func separator(url string) string {
	if strings.Contains(url, "?") {
		return "&"
	}
	return "?"
}
