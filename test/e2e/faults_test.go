package e2e

import (
	"strings"
	"testing"
	"time"

	"backline/resolvers"
	"backline/store/storetest"
)

// TestDeadShard cuts a shard off: only the fields that needed it fail, with a code and nothing of
// the inside, and everything is well again when it is back.
func TestDeadShard(t *testing.T) {
	t.Parallel()
	s := start(t, 4, resolvers.Breadth, storetest.WithFaults(), storetest.WithTimeout(20*time.Second))
	const query = `{ genres(first: 3) { nodes { name } } customers(first: 30) { nodes { id } }
		artists(first: 40, orderBy: ID) { nodes { name } } }`
	before := s.ask(t, query, nil, false)
	if len(before.Errors) > 0 {
		t.Fatal(before.messages())
	}
	var artists struct {
		Artists struct{ Nodes []struct{ ID string } }
	}
	s.ask(t, `{ artists(first: 40, orderBy: ID) { nodes { id } } }`, nil, false).into(t, &artists)
	var list []string
	for _, a := range artists.Artists.Nodes {
		list = append(list, a.ID)
	}
	s.Cut(2)
	failed, whole := 0, 0
	for _, id := range list {
		r := s.ask(t, `{ genres(first: 1) { nodes { name } } artist(id: "`+id+`") { name } }`, nil, false)
		if !strings.Contains(string(r.Data), `"genres":{"nodes":[{"name":`) {
			t.Fatalf("a field that did not need the shard is gone: %s", r.Data)
		}
		if len(r.Errors) == 0 {
			whole++
			continue
		}
		failed++
		if code := r.Errors[0].Extensions["code"]; code != "UNAVAILABLE" && code != "TIMEOUT" {
			t.Fatalf("the code is %v", code)
		}
		for _, secret := range []string{"127.0.0.1", "SELECT", "shard", "postgres"} {
			if strings.Contains(r.messages(), secret) {
				t.Fatalf("the message tells a client %q: %s", secret, r.messages())
			}
		}
	}
	if failed == 0 || whole == 0 {
		t.Errorf("with one of four shards away %d artists failed and %d did not", failed, whole)
	}
	s.Restore(2)
	deadline := time.Now().Add(3 * time.Minute)
	for {
		after := s.ask(t, query, nil, false)
		if len(after.Errors) == 0 {
			if string(after.Data) != string(before.Data) {
				t.Error("the answer is another one than before")
			}
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the shard is back, but not the data: %s", after.messages())
		}
	}
}
