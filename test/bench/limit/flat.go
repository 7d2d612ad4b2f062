package main

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"

	"backline/store"
)

var (
	flatTracks = prepared("flat", "SELECT id, name, milliseconds, unit_price FROM track WHERE id > $1 ORDER BY id LIMIT 100", bin, bin, bin, txt)
	pointAlbum = prepared("point", "SELECT a.id, a.title, r.name FROM album AS a JOIN artist AS r ON r.id = a.artist_id WHERE a.id = $1", bin, bin, bin)
)

func flat(ctx context.Context, db *pgxpool.Pool, b []byte, after int64) ([]byte, error) {
	b = append(b, `{"data":{"tracks":{"nodes":[`...)
	start := len(b)
	err := query(ctx, db, flatTracks, after, func(v [][]byte) {
		if len(b) > start {
			b = append(b, ',')
		}
		b = append(b, `{"id":`...)
		b = id(b, store.KindTrack, v[0])
		b = append(b, `,"name":`...)
		b = str(b, v[1])
		b = append(b, `,"milliseconds":`...)
		b = int4(b, v[2])
		b = append(b, `,"unitPrice":`...)
		b = quoted(b, v[3])
		b = append(b, '}')
	})
	return append(b, `]}}}`...), err
}

func point(ctx context.Context, db *pgxpool.Pool, b []byte, album int64) ([]byte, error) {
	b = append(b, `{"data":{"album":`...)
	found := false
	err := query(ctx, db, pointAlbum, album, func(v [][]byte) {
		found = true
		b = append(b, `{"id":`...)
		b = id(b, store.KindAlbum, v[0])
		b = append(b, `,"title":`...)
		b = str(b, v[1])
		b = append(b, `,"artist":{"name":`...)
		b = str(b, v[2])
		b = append(b, `}}`...)
	})
	if !found {
		b = append(b, `null`...)
	}
	return append(b, `}}`...), err
}
