package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"backline/store"
	"backline/test/fleet"
)

const (
	least = 0.9     // of the rows that come from the cache
	third = 1.0 / 3 // of the processor time without it
)

// absorb is one run.
type absorb struct {
	options
	out    io.Writer
	fleet  *fleet.Fleet
	web    *http.Client
	pools  []*pgxpool.Pool
	tracks []track // the most popular ones first
}

type track struct {
	id, album, artist store.ID
	shard             int
}

// open starts a server without a cache, which fills the shards, and one with.
func (a *absorb) open(ctx context.Context) (err error) {
	var edits []fleet.Edit
	if a.lenient {
		edits = fleet.Patient()
	}
	a.fleet, err = fleet.Open(ctx, fleet.Options{
		Shards: a.shards, Servers: 2, Idle: true, Binary: a.binary, DataDir: a.data, Edits: edits,
		Flags: []string{"--seed=demo", fmt.Sprintf("--seed-scale=%g", a.scale), "--throttle=off", "--request-timeout=1m", "--max-concurrency=0"},
	})
	if err != nil {
		return err
	}
	a.fleet.Servers[1].AddFlags(strings.Fields(a.cache)...)
	if err := a.fleet.Servers[0].Start(ctx); err != nil {
		return err
	}
	a.web = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: a.conns, DisableCompression: true}, Timeout: time.Minute}
	for i, url := range a.fleet.Shards.PostgresURLs() {
		p, err := pgxpool.New(ctx, url)
		if err != nil {
			return err
		}
		a.pools = append(a.pools, p)
		if _, err := p.Exec(ctx, "VACUUM ANALYZE"); err != nil {
			return err
		}
		rows, err := p.Query(ctx, "SELECT t.id, t.album_id, a.artist_id FROM track t JOIN album a ON a.id = t.album_id")
		if err != nil {
			return err
		}
		some, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (track, error) {
			t := track{shard: i}
			return t, row.Scan(&t.id, &t.album, &t.artist)
		})
		if err != nil {
			return err
		}
		a.tracks = append(a.tracks, some...)
	}
	// The same order of popularity in every run, which has nothing to do with where rows lie.
	slices.SortFunc(a.tracks, func(x, y track) int { return cmp.Compare(x.id, y.id) })
	rand.New(rand.NewPCG(a.seed, 0)).Shuffle(len(a.tracks), func(i, j int) { a.tracks[i], a.tracks[j] = a.tracks[j], a.tracks[i] })
	return nil
}

func (a *absorb) close() error {
	for _, p := range a.pools {
		p.Close()
	}
	if a.web != nil {
		a.web.CloseIdleConnections()
	}
	if a.fleet != nil {
		return a.fleet.Close()
	}
	return nil
}

// used is the processor time so far.
type used struct{ server, postgres, redis time.Duration }

func (u used) since(before used, n int) used {
	each := time.Duration(n)
	return used{(u.server - before.server) / each, (u.postgres - before.postgres) / each, (u.redis - before.redis) / each}
}

func (u used) String() string {
	return fmt.Sprintf("server %v, Postgres %v, Redis %v", u.server, u.postgres, u.redis)
}

// all measures one server after the other, each alone.
func (a *absorb) all(ctx context.Context) error {
	fmt.Fprintf(a.out, "%d tracks on %d shards; %d requests after %d, %g writes each\n", len(a.tracks), a.shards, a.requests, a.warm, a.writes)
	off, err := a.phase(ctx, 0)
	if err != nil {
		return err
	}
	if err := a.fleet.Servers[0].Stop(); err != nil {
		return err
	}
	if err := a.fleet.Servers[1].Start(ctx); err != nil {
		return err
	}
	on, err := a.phase(ctx, 1)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "cache off, each request: %v\ncache on, each request: %v\n", off.cpu, on.cpu)
	// What is spliced in as bytes asks for no rows; then as many count as are asked for without a cache.
	on.rows.all = max(on.rows.all, off.asked)
	share := float64(on.cpu.server+on.cpu.postgres) / float64(off.cpu.server+off.cpu.postgres)
	fmt.Fprintf(a.out, "server and Postgres together: %.2f of what they take without a cache\n", share)
	fmt.Fprintf(a.out, "rows by id: %.1f %% of %.0f did not reach Postgres; lists and totals: %.1f %% of %.0f\n",
		100*on.rows.share(), on.rows.all, 100*on.lists.share(), on.lists.all)
	fmt.Fprintf(a.out, "found: %.1f %% in the process, %.1f %% in Redis, %.1f %% old in either, %.1f %% on their way; calls of Redis for each request: %.2f\n",
		100*on.found[0], 100*on.found[1], 100*on.found[2], 100*on.found[3], on.calls)
	fmt.Fprintf(a.out, "statements for each request: %.2f without, %.2f with\n", off.statements, on.statements)
	var errs []error
	if on.rows.share() < least {
		errs = append(errs, fmt.Errorf("%.1f %% of the rows came from the cache, and not %.0f %%", 100*on.rows.share(), 100*least))
	}
	if !a.lenient && share > third {
		errs = append(errs, fmt.Errorf("a request takes %.2f of what it takes without a cache, and not a third", share))
	}
	return errors.Join(errs...)
}

// reads are those of one sort that the cache was asked for.
type reads struct{ all, missed float64 }

func (r reads) share() float64 { return 1 - r.missed/max(1, r.all) }

// places are where values are found, as the metrics call them.
var places = [...]string{"local", "redis", "stale", "joined"}

type result struct {
	cpu         used
	rows, lists reads
	statements  float64
	asked       float64    // rows by id, of loaders
	found       [4]float64 // share of all lookups, by places
	calls       float64    // of Redis
}

// phase warms a server up and measures it.
func (a *absorb) phase(ctx context.Context, server int) (r result, err error) {
	if err := a.ask(ctx, server, a.warm, 1); err != nil {
		return r, err
	}
	before, err := a.state(ctx, server)
	if err != nil {
		return r, err
	}
	ended, err := a.profiled(ctx, server)
	if err != nil {
		return r, err
	}
	if err := errors.Join(a.ask(ctx, server, a.requests, 2), ended()); err != nil {
		return r, err
	}
	after, err := a.state(ctx, server)
	r.cpu = after.cpu.since(before.cpu, a.requests)
	r.rows = reads{after.rows.all - before.rows.all, after.rows.missed - before.rows.missed}
	r.lists = reads{after.lists.all - before.lists.all, after.lists.missed - before.lists.missed}
	r.asked = after.asked - before.asked
	for i := range r.found {
		r.found[i] = (after.found[i] - before.found[i]) / max(1, r.rows.all+r.lists.all)
	}
	r.calls = (after.calls - before.calls) / float64(a.requests)
	r.statements = (after.statements - before.statements) / float64(a.requests)
	return r, err
}

// state is what was counted so far.
func (a *absorb) state(ctx context.Context, server int) (r result, err error) {
	s := a.fleet.Servers[server]
	var pids []int
	for _, p := range a.fleet.Shards.Processes() {
		pids = append(pids, p.PID)
	}
	count := func(to *float64, name string, labels ...string) {
		n, failed := s.Metric(ctx, name, labels...)
		*to += n
		err = errors.Join(err, failed)
	}
	const lookups = "backline_cache_lookups_total"
	for _, entity := range []string{"Artist", "Album", "Track", "Genre", "MediaType", "Playlist"} {
		count(&r.rows.all, lookups, `space="`+entity+`"`)
		count(&r.rows.missed, lookups, `space="`+entity+`"`, `result="miss"`)
	}
	for _, loader := range []string{"ArtistByID", "AlbumByID", "TrackByID", "GenreByID", "MediaTypeByID", "PlaylistByID"} {
		count(&r.asked, "backline_batch_keys_sum", `loader="`+loader+`"`)
	}
	count(&r.lists.all, lookups)
	count(&r.lists.missed, lookups, `result="miss"`)
	for i, place := range places {
		count(&r.found[i], lookups, `result="`+place+`"`)
	}
	count(&r.calls, "backline_cache_call_duration_seconds_count")
	r.lists.all, r.lists.missed = r.lists.all-r.rows.all, r.lists.missed-r.rows.missed
	count(&r.statements, "backline_statement_duration_seconds_count")
	for _, part := range []struct {
		to   *time.Duration
		pids []int
	}{{&r.cpu.server, []int{s.PID()}}, {&r.cpu.postgres, pids}, {&r.cpu.redis, []int{a.fleet.Redis.PID()}}} {
		var failed error
		*part.to, failed = fleet.CPU(part.pids...)
		err = errors.Join(err, failed)
	}
	return r, err
}

// pages are what is asked for, with how often.
var pages = []struct {
	weight int
	query  string
	id     func(t track) store.NodeID
}{
	{ // a track, with what else is on its album
		8, `query ($id: ID!) { track(id: $id) { name unitPrice milliseconds genre { name } mediaType { name }
			album { title artist { name } tracks(first: 20) { nodes { name unitPrice } } } } }`,
		func(t track) store.NodeID { return store.NodeID{Kind: store.KindTrack, ID: t.id} },
	},
	{ // an album, with the others of its artist
		8, `query ($id: ID!) { album(id: $id) { title artist { name albums(first: 10) { totalCount nodes { title } } }
			tracks(first: 20) { totalCount nodes { name milliseconds unitPrice genre { name } mediaType { name } } } } }`,
		func(t track) store.NodeID { return store.NodeID{Kind: store.KindAlbum, ID: t.album} },
	},
	{ // an artist, with all that they have made
		4, `query ($id: ID!) { artist(id: $id) { name albums(first: 10) { totalCount nodes { title tracks(first: 20) { nodes { name unitPrice genre { name } } } } } } }`,
		func(t track) store.NodeID { return store.NodeID{Kind: store.KindArtist, ID: t.artist} },
	},
}

// ask sends requests, and writes between them.
func (a *absorb) ask(ctx context.Context, server, requests int, stream uint64) error {
	var turns []int
	for i, p := range pages {
		turns = append(turns, slices.Repeat([]int{i}, p.weight)...)
	}
	var next atomic.Int64
	errs := make([]error, a.conns)
	var wg sync.WaitGroup
	for n := range a.conns {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(a.seed+uint64(n), stream))
			zipf := rand.NewZipf(rnd, a.skew, 1, uint64(len(a.tracks)-1))
			for errs[n] == nil && next.Add(1) <= int64(requests) {
				page := pages[turns[rnd.IntN(len(turns))]]
				errs[n] = a.one(ctx, server, page.query, page.id(a.tracks[zipf.Uint64()]))
				if errs[n] == nil && rnd.Float64() < a.writes {
					t := a.tracks[zipf.Uint64()]
					_, errs[n] = a.pools[t.shard].Exec(ctx, "UPDATE track SET unit_price = unit_price + 0.01 WHERE id = $1", int64(t.id))
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

func (a *absorb) one(ctx context.Context, server int, query string, id store.NodeID) error {
	answer, err := a.fleet.Servers[server].Ask(ctx, a.web, query, map[string]any{"id": id.String()})
	switch {
	case err != nil:
		return err
	case len(answer.Errors) > 0:
		return fmt.Errorf("%s: %s", answer.Codes(), answer.Errors[0].Message)
	}
	return nil
}
