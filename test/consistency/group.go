package main

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"

	"backline/store"
	"backline/store/shard"
)

// How many rows a group has of each sort. Those that come and go have no others below them, so that an
// answer never joins what was not there at the same time.
const (
	artists, looseArtists = 3, 2
	albums, looseAlbums   = 4, 3
	tracks, looseTracks   = 6, 2
	playlists             = 2
)

// group is some rows of one bucket, and what can be read of them. One transaction at a time changes it.
type group struct {
	prefix string // of its artists' names, mostly
	bucket shard.Bucket
	shard  int

	mu        sync.Mutex
	texts     int // that were given out: no name is given twice
	artists   []artist
	albums    []album
	tracks    []track
	playlists []playlist
	registers []*register
}

type artist struct {
	id   store.ID
	here bool
	name string
}

type album struct {
	id     store.ID
	here   bool
	title  string
	artist store.ID
}

type track struct {
	id    store.ID
	here  bool
	name  string
	cents int
	album store.ID
}

type playlist struct {
	id    store.ID
	name  string
	links []link
}

type link struct {
	track    store.ID
	position int
}

// newGroup plans the rows of group n. first is a number whose successors nobody uses as keys.
func newGroup(n int, first int64, topology *shard.Topology) *group {
	b := shard.BucketOf(int64(n) + 1)
	g := &group{prefix: fmt.Sprintf("g%03d ", n), bucket: b, shard: topology.Owner(b)}
	next := func() store.ID {
		first++
		id, _ := shard.Imported(first, b) // small enough
		return id
	}
	for i := range artists + looseArtists {
		g.artists = append(g.artists, artist{next(), i < artists, g.text()})
	}
	for i := range albums + looseAlbums {
		g.albums = append(g.albums, album{next(), i < albums, g.text(), g.artists[i%artists].id})
	}
	for i := range tracks + looseTracks {
		g.tracks = append(g.tracks, track{next(), i < tracks, g.text(), 99, g.albums[i%albums].id})
	}
	for range playlists {
		g.playlists = append(g.playlists, playlist{id: next(), name: g.text()})
	}
	g.makeRegisters()
	return g
}

func (g *group) text() string {
	g.texts++
	return g.prefix + strconv.Itoa(g.texts)
}

// fill writes the first rows.
func (g *group) fill() string {
	var b strings.Builder
	for _, a := range g.artists {
		if a.here {
			fmt.Fprintf(&b, "INSERT INTO artist (id, bucket, name) VALUES (%d, %d, '%s');\n", a.id, g.bucket, a.name)
		}
	}
	for _, a := range g.albums {
		if a.here {
			fmt.Fprintf(&b, "INSERT INTO album (id, bucket, title, artist_id) VALUES (%d, %d, '%s', %d);\n", a.id, g.bucket, a.title, a.artist)
		}
	}
	for _, t := range g.tracks {
		if t.here {
			b.WriteString(g.insertTrack(t) + ";\n")
		}
	}
	for _, p := range g.playlists {
		fmt.Fprintf(&b, "INSERT INTO playlist (id, bucket, name) VALUES (%d, %d, '%s');\n", p.id, g.bucket, p.name)
	}
	return b.String()
}

func (g *group) insertTrack(t track) string {
	return fmt.Sprintf("INSERT INTO track (id, bucket, name, milliseconds, unit_price, album_id, media_type_id) VALUES (%d, %d, '%s', 1000, %s, %d, %d)",
		t.id, g.bucket, t.name, decimal(t.cents), t.album, mediaType)
}

func decimal(cents int) string { return fmt.Sprintf("%d.%02d", cents/100, cents%100) }

// change is a statement and what it does to the group's rows. Two of different sorts commute.
type change struct {
	sql   string
	apply func()
}

// changes are the sorts of writes.
var changes = []func(g *group, r *rand.Rand) change{
	func(g *group, r *rand.Rand) change { // an artist is renamed, and leaves the list of the group or comes back
		a, name := &g.artists[r.IntN(artists)], g.text()
		if r.IntN(4) == 0 {
			name = "not " + name
		}
		return change{fmt.Sprintf("UPDATE artist SET name = '%s' WHERE id = %d", name, a.id), func() { a.name = name }}
	},
	func(g *group, r *rand.Rand) change { // an artist comes or goes
		a, name := &g.artists[artists+r.IntN(looseArtists)], g.text()
		if a.here {
			return change{fmt.Sprintf("DELETE FROM artist WHERE id = %d", a.id), func() { a.here = false }}
		}
		return change{
			fmt.Sprintf("INSERT INTO artist (id, bucket, name) VALUES (%d, %d, '%s')", a.id, g.bucket, name),
			func() { a.here, a.name = true, name },
		}
	},
	func(g *group, r *rand.Rand) change { // an album gets another title
		a, title := &g.albums[r.IntN(albums)], g.text()
		return change{fmt.Sprintf("UPDATE album SET title = '%s' WHERE id = %d", title, a.id), func() { a.title = title }}
	},
	func(g *group, r *rand.Rand) change { // an album moves to an artist, perhaps the one that it is of
		a, to := &g.albums[r.IntN(albums)], g.artists[r.IntN(artists)].id
		return change{fmt.Sprintf("UPDATE album SET artist_id = %d WHERE id = %d", to, a.id), func() { a.artist = to }}
	},
	func(g *group, r *rand.Rand) change { // an album comes or goes
		a, title, of := &g.albums[albums+r.IntN(looseAlbums)], g.text(), g.artists[r.IntN(artists)].id
		if a.here {
			return change{fmt.Sprintf("DELETE FROM album WHERE id = %d", a.id), func() { a.here = false }}
		}
		return change{
			fmt.Sprintf("INSERT INTO album (id, bucket, title, artist_id) VALUES (%d, %d, '%s', %d)", a.id, g.bucket, title, of),
			func() { a.here, a.title, a.artist = true, title, of },
		}
	},
	func(g *group, r *rand.Rand) change { // a track costs something else
		t, cents := &g.tracks[r.IntN(tracks)], 100+r.IntN(900)
		return change{fmt.Sprintf("UPDATE track SET unit_price = %s WHERE id = %d", decimal(cents), t.id), func() { t.cents = cents }}
	},
	func(g *group, r *rand.Rand) change { // a track moves
		t, to := &g.tracks[r.IntN(tracks)], g.albums[r.IntN(albums)].id
		return change{fmt.Sprintf("UPDATE track SET album_id = %d WHERE id = %d", to, t.id), func() { t.album = to }}
	},
	func(g *group, r *rand.Rand) change { // a track comes or goes
		t := &g.tracks[tracks+r.IntN(looseTracks)]
		if t.here {
			return change{fmt.Sprintf("DELETE FROM track WHERE id = %d", t.id), func() { t.here = false }}
		}
		to := track{t.id, true, g.text(), 99, g.albums[r.IntN(albums)].id}
		return change{g.insertTrack(to), func() { *t = to }}
	},
	func(g *group, r *rand.Rand) change { // a playlist is renamed
		p, name := &g.playlists[r.IntN(playlists)], g.text()
		return change{fmt.Sprintf("UPDATE playlist SET name = '%s' WHERE id = %d", name, p.id), func() { p.name = name }}
	},
	changeLink,
}

// changeLink puts a track onto a playlist, moves it there, or takes it off.
func changeLink(g *group, r *rand.Rand) change {
	p, id, position := &g.playlists[r.IntN(playlists)], g.tracks[r.IntN(tracks)].id, 1+r.IntN(1000)
	at := slices.IndexFunc(p.links, func(l link) bool { return l.track == id })
	where := fmt.Sprintf("WHERE playlist_id = %d AND track_id = %d", p.id, id)
	switch {
	case at < 0:
		return change{
			fmt.Sprintf("INSERT INTO playlist_track (playlist_id, bucket, track_id, position) VALUES (%d, %d, %d, %d)", p.id, g.bucket, id, position),
			func() { p.links = append(p.links, link{id, position}) },
		}
	case r.IntN(2) == 0:
		return change{"DELETE FROM playlist_track " + where, func() { p.links = slices.Delete(p.links, at, at+1) }}
	default:
		return change{fmt.Sprintf("UPDATE playlist_track SET position = %d ", position) + where, func() { p.links[at].position = position }}
	}
}

// inOrder are the links as clients see them.
func (p *playlist) inOrder() []link {
	return slices.SortedFunc(slices.Values(p.links), func(a, b link) int {
		return cmp.Or(a.position-b.position, cmp.Compare(a.track, b.track))
	})
}
