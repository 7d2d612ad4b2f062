// Package loader reads rows for the resolvers: one at a time for the fields of the query, and in
// batches, by dataloaders that live as long as a request, for what belongs to an object.
package loader

import (
	"context"
	"errors"
	"fmt"

	"github.com/graph-gophers/dataloader/v7"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"backline/test/bench/gqlgen/graph/model"
)

// Columns of each table, in the order of the fields of its model.
const (
	artist      = "id, name"
	album       = "id, title, artist_id"
	track       = "id, name, milliseconds, unit_price::text, album_id, genre_id, media_type_id"
	genre       = "id, name"
	mediaType   = "id, name"
	customer    = "id, first_name, last_name, support_rep_id"
	employee    = "id, first_name, last_name"
	invoice     = "id, invoice_date, total::text, customer_id"
	invoiceLine = "id, unit_price::text, quantity, invoice_id, track_id"
)

// Reader reads from Postgres. pgx prepares each statement once for every connection.
type Reader struct{ DB *pgxpool.Pool }

// Artists are those after an id, in order.
func (r *Reader) Artists(ctx context.Context, first, after int) ([]*model.Artist, error) {
	return rows[model.Artist](ctx, r, "SELECT "+artist+" FROM artist WHERE id > $1 ORDER BY id LIMIT $2", after, first)
}

// Tracks are those after an id, in order.
func (r *Reader) Tracks(ctx context.Context, first, after int) ([]*model.Track, error) {
	return rows[model.Track](ctx, r, "SELECT "+track+" FROM track WHERE id > $1 ORDER BY id LIMIT $2", after, first)
}

// Album is nil if there is none.
func (r *Reader) Album(ctx context.Context, id int) (*model.Album, error) {
	return one(rows[model.Album](ctx, r, "SELECT "+album+" FROM album WHERE id = $1", id))
}

// Customer is nil if there is none.
func (r *Reader) Customer(ctx context.Context, id int) (*model.Customer, error) {
	return one(rows[model.Customer](ctx, r, "SELECT "+customer+" FROM customer WHERE id = $1", id))
}

func rows[V any](ctx context.Context, r *Reader, sql string, values ...any) ([]*V, error) {
	found, err := r.DB.Query(ctx, sql, values...)
	if err != nil {
		return nil, fmt.Errorf("read rows: %w", err)
	}
	return pgx.CollectRows(found, pgx.RowToAddrOfStructByPos[V])
}

func one[V any](found []*V, err error) (*V, error) {
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

var errNoRow = errors.New("no such row")

// byID is the batch function of a table's rows by their ids.
func byID[V any](r *Reader, table, columns string, id func(*V) int) dataloader.BatchFunc[int, *V] {
	sql := "SELECT " + columns + " FROM " + table + " WHERE id = ANY($1)"
	return func(ctx context.Context, ids []int) []*dataloader.Result[*V] {
		found, err := rows[V](ctx, r, sql, ids)
		byID := make(map[int]*V, len(found))
		for _, row := range found {
			byID[id(row)] = row
		}
		results := make([]*dataloader.Result[*V], len(ids))
		for i, id := range ids {
			results[i] = &dataloader.Result[*V]{Data: byID[id], Error: err}
			if err == nil && results[i].Data == nil {
				results[i].Error = errNoRow
			}
		}
		return results
	}
}

// byParent is the batch function of the lists that belong to parents. The statement's first
// parameter is the parents' ids; its rows may come in any order of parents.
func byParent[V any](r *Reader, sql string, parent func(*V) int) dataloader.BatchFunc[int, []*V] {
	return func(ctx context.Context, parents []int) []*dataloader.Result[[]*V] {
		found, err := rows[V](ctx, r, sql, parents)
		lists := make(map[int][]*V, len(parents))
		for _, row := range found {
			lists[parent(row)] = append(lists[parent(row)], row)
		}
		results := make([]*dataloader.Result[[]*V], len(parents))
		for i, id := range parents {
			results[i] = &dataloader.Result[[]*V]{Data: lists[id], Error: err}
		}
		return results
	}
}
