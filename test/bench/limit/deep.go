package main

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgxpool"

	"backline/store"
)

// The inner order of each LATERAL follows an index, and the nested loops keep the outer one, so the
// rows come in the order in which they are written. deep checks that while it merges them. Genres
// and media types are read whole: 30 rows are cheaper than two more joins per track.
var (
	deepGenres  = prepared("deep_genres", "SELECT id, name FROM genre", bin, bin)
	deepMedia   = prepared("deep_media", "SELECT id, name FROM media_type", bin, bin)
	deepArtists = prepared("deep_artists", "SELECT id, name FROM artist WHERE id > $1 ORDER BY id LIMIT 50", bin, bin)
	deepAlbums  = prepared("deep_albums", `SELECT al.id, al.artist_id, al.title
FROM (SELECT id FROM artist WHERE id > $1 ORDER BY id LIMIT 50) AS a
CROSS JOIN LATERAL (SELECT id, artist_id, title FROM album WHERE artist_id = a.id ORDER BY id) AS al`, bin, bin, bin)
	deepTracks = prepared("deep_tracks", `SELECT t.id, t.album_id, t.name, t.milliseconds, t.unit_price, t.genre_id, t.media_type_id
FROM (SELECT id FROM artist WHERE id > $1 ORDER BY id LIMIT 50) AS a
CROSS JOIN LATERAL (SELECT id FROM album WHERE artist_id = a.id ORDER BY id) AS al
CROSS JOIN LATERAL (SELECT * FROM track WHERE album_id = al.id ORDER BY id) AS t`, bin, bin, bin, bin, txt, bin, bin)
)

var errOrder = errors.New("rows came out of order")

func deep(ctx context.Context, db *pgxpool.Pool, b []byte, after int64) ([]byte, error) {
	d := deepAnswer{b: append(b, `{"data":{"artists":{"nodes":[`...), artist: -1, album: -1}
	d.names = make([]named, 0, 30)
	name := func(v [][]byte) { d.names = append(d.names, named{bigint(v[0]), d.keep(v[1])}) }
	media := 0
	err := pipeline(ctx, db, after,
		step{deepGenres, name},
		step{deepMedia, func(v [][]byte) {
			if media == 0 {
				media = len(d.names)
			}
			name(v)
		}},
		step{deepArtists, func(v [][]byte) { d.artists = append(d.artists, named{bigint(v[0]), d.keep(v[1])}) }},
		step{deepAlbums, func(v [][]byte) {
			if d.albums == nil {
				d.albums = make([]albumRow, 0, 3*len(d.artists))
			}
			d.albums = append(d.albums, albumRow{named{bigint(v[0]), d.keep(v[2])}, bigint(v[1])})
		}},
		step{deepTracks, func(v [][]byte) { d.track(v, media) }},
	)
	if err != nil {
		return nil, err
	}
	d.to(len(d.albums))
	d.toArtist(len(d.artists))
	if d.unordered {
		return nil, errOrder
	}
	return append(d.b, `]}}}`...), nil
}

type named struct {
	id   int64
	name []byte
}

type albumRow struct {
	named
	artist int64
}

// deepAnswer writes artists, albums and tracks, which come one level after another.
type deepAnswer struct {
	b             []byte
	text          []byte // what names point into
	names         []named
	artists       []named
	albums        []albumRow
	artist, album int // which are open; -1: none yet
	tracks        int // of the open album
	unordered     bool
}

func (d *deepAnswer) keep(v []byte) []byte {
	if len(v) > cap(d.text)-len(d.text) {
		d.text = make([]byte, 0, max(8<<10, len(v)))
	}
	at := len(d.text)
	d.text = append(d.text, v...)
	return d.text[at:]
}

// toArtist closes the artist that is open and opens all up to number i.
func (d *deepAnswer) toArtist(i int) {
	for d.artist < i {
		if d.artist >= 0 {
			d.b = append(d.b, `]}}`...)
		}
		if d.artist++; d.artist == len(d.artists) {
			return
		}
		if d.artist > 0 {
			d.b = append(d.b, ',')
		}
		a := &d.artists[d.artist]
		d.b = append(d.b, `{"id":`...)
		d.b = store.NodeID{Kind: store.KindArtist, ID: store.ID(a.id)}.AppendJSON(d.b)
		d.b = append(d.b, `,"name":`...)
		d.b = str(d.b, a.name)
		d.b = append(d.b, `,"albums":{"nodes":[`...)
	}
}

// to does the same for albums.
func (d *deepAnswer) to(i int) {
	for d.album < i {
		if d.album >= 0 {
			d.b = append(d.b, `]}}`...)
		}
		if d.album++; d.album == len(d.albums) {
			return
		}
		al, before := &d.albums[d.album], d.artist
		artist := max(before, 0)
		for artist < len(d.artists) && d.artists[artist].id != al.artist {
			artist++
		}
		if artist == len(d.artists) {
			d.unordered = true
			return
		}
		d.toArtist(artist)
		if artist == before {
			d.b = append(d.b, ',')
		}
		d.b = append(d.b, `{"id":`...)
		d.b = store.NodeID{Kind: store.KindAlbum, ID: store.ID(al.id)}.AppendJSON(d.b)
		d.b = append(d.b, `,"title":`...)
		d.b = str(d.b, al.name)
		d.b = append(d.b, `,"tracks":{"nodes":[`...)
		d.tracks = 0
	}
}

func (d *deepAnswer) track(v [][]byte, media int) {
	album := bigint(v[1])
	at := max(d.album, 0)
	for at < len(d.albums) && d.albums[at].id != album {
		at++
	}
	if at == len(d.albums) || d.unordered {
		d.unordered = true
		return
	}
	d.to(at)
	b := d.b
	if d.tracks++; d.tracks > 1 {
		b = append(b, ',')
	}
	b = append(b, `{"id":`...)
	b = id(b, store.KindTrack, v[0])
	b = append(b, `,"name":`...)
	b = str(b, v[2])
	b = append(b, `,"milliseconds":`...)
	b = int4(b, v[3])
	b = append(b, `,"unitPrice":`...)
	b = quoted(b, v[4])
	b = append(b, `,"genre":`...)
	if v[5] == nil {
		b = append(b, `null`...)
	} else {
		b = append(b, `{"name":`...)
		b = str(b, find(d.names[:media], bigint(v[5])))
		b = append(b, '}')
	}
	b = append(b, `,"mediaType":{"name":`...)
	b = str(b, find(d.names[media:], bigint(v[6])))
	d.b = append(b, `}}`...)
}

func find(names []named, id int64) []byte {
	for i := range names {
		if names[i].id == id {
			return names[i].name
		}
	}
	return nil
}
