package privacy

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"backline/gateway/identity"
	"backline/store"
	"backline/store/shard"
	"backline/test/fleet"
)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "backline-privacy-")
	if err != nil {
		panic(err)
	}
	binary = sync.OnceValues(func() (string, error) {
		return fleet.Build(context.Background(), dir, slices.Concat(fleet.Patient(), leaking, []fleet.Edit{forHours})...)
	})
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(dir)
		os.Exit(code)
	}))
}

// binary is that of all servers here, built by the first test that needs it. It leaks nothing unless its
// environment says so.
var binary func() (string, error)

// cached are servers with a cache, over one Redis; the last one of the fleet has none, and is always
// right.
const cached = 2

// patience is longer than anything takes.
const patience = 3 * time.Minute

// shop is a fleet and two customers, whom one employee looks after. Every text in the rows of the first
// one has the word secret, and all of their tracks are the same.
type shop struct {
	*fleet.Fleet
	t      *testing.T
	web    *http.Client
	issuer *identity.DevelopmentIssuer
	keys   map[string]string // API keys by who has them: "key somebody admin"
	ids    map[string]string // "customer 1", "invoice 2", "line 2", "employee 1", "track"
	topo   *shard.Topology
}

const (
	secret = "c0nfidential"
	first  = 1 << 30 // behind all rows of a seed
)

func openShop(t *testing.T, shards int, cache ...string) *shop {
	t.Helper()
	return openLeakingShop(t, "", shards, cache...)
}

// openLeakingShop is one whose servers leak.
func openLeakingShop(t *testing.T, leak string, shards int, cache ...string) *shop {
	t.Helper()
	if testing.Short() {
		t.Skip("builds the server and starts several")
	}
	server, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	keys := filepath.Join(t.TempDir(), "keys.jsonl")
	f, err := fleet.Open(t.Context(), fleet.Options{
		Shards: shards, Servers: cached + 1, Idle: true, Binary: server, Env: []string{leakSwitch + "=" + leak},
		Flags: []string{
			"--env=development", "--seed=demo", "--seed-scale=0.02", "--throttle=off", "--max-cost=0", "--request-timeout=1m", "--limit-aliases=0",
			"--auth-keys=" + keys,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	s := &shop{Fleet: f, t: t, web: &http.Client{Transport: &http.Transport{}, Timeout: patience}, ids: map[string]string{}}
	t.Cleanup(func() {
		s.web.CloseIdleConnections()
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	s.nameID("customer 1", store.KindCustomer, 0)
	s.nameID("employee 1", store.KindEmployee, 20)
	if s.keys, err = makeKeys(keys, s.ids); err != nil {
		t.Fatal(err)
	}
	for i, server := range f.Servers {
		if i < cached {
			server.AddFlags(cache...)
		}
		if err := server.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if s.issuer, err = identity.OpenDevelopmentIssuer(f.DataDir(), true); err != nil {
		t.Fatal(err)
	}
	if s.topo, err = shard.Even(shards); err != nil {
		t.Fatal(err)
	}
	s.fill()
	for _, server := range f.Servers[:cached] {
		if err := server.AwaitCache(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// nameID makes the id of a row, and gives it a name.
func (s *shop) nameID(name string, kind store.Kind, n int64) shard.ID {
	s.t.Helper()
	bucket := shard.BucketOf(first + n)
	if kind == store.KindEmployee { // a reference table
		bucket = 0
	}
	key, err := shard.Imported(first+n, bucket)
	if err != nil {
		s.t.Fatal(err)
	}
	s.ids[name] = store.NodeID{Kind: kind, ID: key}.String()
	return key
}

func (s *shop) fill() {
	id := s.nameID
	var employees [2]shard.ID
	for i := range employees {
		employees[i] = id(fmt.Sprint("employee ", i+1), store.KindEmployee, int64(20+i))
		s.everywhere(fmt.Sprintf("INSERT INTO employee (id, first_name, last_name, reports_to) VALUES (%d, 'Eve', 'Adams%d', NULL)", employees[i], i+1))
	}
	artist := id("artist", store.KindArtist, 40)
	album, track := artist, artist
	s.ids["album"] = store.NodeID{Kind: store.KindAlbum, ID: album}.String()
	s.ids["track"] = store.NodeID{Kind: store.KindTrack, ID: track}.String()
	s.on(artist.Bucket(), fmt.Sprintf(`INSERT INTO artist VALUES (%[1]d, %[2]d, 'A band'); INSERT INTO album VALUES (%[1]d, %[2]d, 'A record', %[1]d);
		INSERT INTO track (id, bucket, name, milliseconds, unit_price, album_id, media_type_id) SELECT %[1]d, %[2]d, 'A song', 1, 1, %[1]d, min(id) FROM media_type`,
		artist, artist.Bucket()))
	for n, word := range []string{secret, "other"} {
		c := id(fmt.Sprint("customer ", n+1), store.KindCustomer, int64(n))
		s.ids[fmt.Sprint("invoice ", n+1)] = store.NodeID{Kind: store.KindInvoice, ID: c}.String()
		s.ids[fmt.Sprint("line ", n+1)] = store.NodeID{Kind: store.KindInvoiceLine, ID: c}.String()
		s.on(c.Bucket(), fmt.Sprintf(`INSERT INTO customer (id, bucket, first_name, last_name, email, support_rep_id) VALUES (%[1]d, %[2]d, '%[3]s', 'Z%[3]s', '%[3]s', %[4]d);
			INSERT INTO invoice (id, bucket, invoice_date, billing_city, total, customer_id) VALUES (%[1]d, %[2]d, now(), '%[3]s', 1, %[1]d);
			INSERT INTO invoice_line (id, bucket, unit_price, quantity, invoice_id, track_id) VALUES (%[1]d, %[2]d, %[5]d, 1, %[1]d, %[6]d)`,
			c, c.Bucket(), word, employees[0], secretPrice+n, track))
	}
}

// secretPrice is what the line of the first customer cost, as it is in an answer.
const secretPrice = 47110

// on runs SQL where a bucket lies, past the servers.
func (s *shop) on(b shard.Bucket, sql string) {
	s.t.Helper()
	s.exec(s.Shards.PostgresURLs()[s.topo.Owner(b)], sql)
}

func (s *shop) everywhere(sql string) {
	s.t.Helper()
	for _, url := range s.Shards.PostgresURLs() {
		s.exec(url, sql)
	}
}

func (s *shop) exec(url, sql string) {
	s.t.Helper()
	ctx := context.WithoutCancel(s.t.Context())
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		s.t.Fatal(err)
	}
	defer c.Close(ctx)
	if _, err := c.Exec(ctx, sql); err != nil {
		s.t.Fatal(err)
	}
}

// viewers are those who ask: who they are, and their scopes. A key is of nobody in particular, whatever
// it is called.
var viewers = []string{
	"customer 1", "customer 2", "employee 1 staff", "employee 2 staff", "employee 1", "reports", "reports staff", "customer 2 staff", "somebody admin",
	"key customer 1", "key employee 1 staff", "key somebody admin", "",
}

// makeKeys writes a file with the API keys of the viewers that have one.
func makeKeys(file string, ids map[string]string) (map[string]string, error) {
	keys := map[string]string{}
	var lines strings.Builder
	for _, who := range viewers {
		words := strings.Fields(who)
		if len(words) == 0 || words[0] != "key" {
			continue
		}
		name, scopes := words[1], words[2:]
		if id, ok := ids[strings.Join(words[1:min(3, len(words))], " ")]; ok { // as the subject of that person's tokens
			name, scopes = id, words[3:]
		}
		text, key, err := identity.NewKey(name, scopes, "", time.Time{})
		if err != nil {
			return nil, err
		}
		line, err := key.Line()
		if err != nil {
			return nil, err
		}
		keys[who] = text
		lines.WriteString(line + "\n")
	}
	return keys, os.WriteFile(file, []byte(lines.String()), 0o600)
}

// token is the header that says who a viewer is; nobody has none.
func (s *shop) token(who string) []string {
	s.t.Helper()
	words := strings.Fields(who)
	if len(words) == 0 {
		return nil
	}
	if key, ok := s.keys[who]; ok {
		return []string{"X-API-Key: " + key}
	}
	p := identity.Person{Subject: words[0], Scopes: words[1:]}
	if len(words) > 1 && s.ids[words[0]+" "+words[1]] != "" {
		p = identity.Person{Subject: s.ids[words[0]+" "+words[1]], Scopes: words[2:]}
	}
	token, err := s.issuer.Mint(p, time.Now(), time.Hour)
	if err != nil {
		s.t.Fatal(err)
	}
	return []string{"Authorization: Bearer " + token}
}

// ask gives data and errors of an answer, without what is another in each.
func (s *shop) ask(server int, who, query string) string {
	s.t.Helper()
	a, err := s.Servers[server].Ask(s.t.Context(), s.web, s.names(query), nil, s.token(who)...)
	if err != nil {
		s.t.Fatal(err)
	}
	text := string(a.Data)
	for _, e := range a.Errors {
		text += "\n" + e.Extensions.Code + ": " + e.Message
	}
	return text
}

// names puts ids in the place of <customer 1>.
func (s *shop) names(query string) string {
	for name, id := range s.ids {
		query = strings.ReplaceAll(query, "<"+name+">", `"`+id+`"`)
	}
	return query
}

// moveCustomer gives the first customer to an employee.
func (s *shop) moveCustomer(employee string) {
	s.t.Helper()
	to, err := store.ParseNodeID(s.ids[employee])
	if err != nil {
		s.t.Fatal(err)
	}
	customer, err := store.ParseNodeID(s.ids["customer 1"])
	if err != nil {
		s.t.Fatal(err)
	}
	s.on(customer.ID.Bucket(), fmt.Sprintf("UPDATE customer SET support_rep_id = %d WHERE id = %d", to.ID, customer.ID))
}
