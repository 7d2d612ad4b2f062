package loader

import (
	"context"
	"net/http"
	"time"

	"github.com/graph-gophers/dataloader/v7"

	"backline/test/bench/gqlgen/graph/model"
)

// wait is how long a batch is collected for: what gqlgen's documentation sets. The library's own
// default of 16 ms would be added to every level of an answer.
const wait = time.Millisecond

// Loaders are those of one request.
type Loaders struct {
	ArtistByID      *dataloader.Loader[int, *model.Artist]
	AlbumByID       *dataloader.Loader[int, *model.Album]
	TrackByID       *dataloader.Loader[int, *model.Track]
	GenreByID       *dataloader.Loader[int, *model.Genre]
	MediaTypeByID   *dataloader.Loader[int, *model.MediaType]
	EmployeeByID    *dataloader.Loader[int, *model.Employee]
	AlbumsByArtist  *dataloader.Loader[int, []*model.Album]
	TracksByAlbum   *dataloader.Loader[int, []*model.Track]
	LinesByInvoice  *dataloader.Loader[int, []*model.InvoiceLine]
	InvoicesByOwner *dataloader.Loader[CustomerInvoices, []*model.Invoice]
}

// CustomerInvoices is the key of the first invoices of a customer.
type CustomerInvoices struct{ Customer, First int }

func newLoaders(r *Reader) *Loaders {
	return &Loaders{
		ArtistByID:    load(byID(r, "artist", artist, func(v *model.Artist) int { return v.ID })),
		AlbumByID:     load(byID(r, "album", album, func(v *model.Album) int { return v.ID })),
		TrackByID:     load(byID(r, "track", track, func(v *model.Track) int { return v.ID })),
		GenreByID:     load(byID(r, "genre", genre, func(v *model.Genre) int { return v.ID })),
		MediaTypeByID: load(byID(r, "media_type", mediaType, func(v *model.MediaType) int { return v.ID })),
		EmployeeByID:  load(byID(r, "employee", employee, func(v *model.Employee) int { return v.ID })),
		AlbumsByArtist: load(byParent(r, "SELECT "+album+" FROM album WHERE artist_id = ANY($1) ORDER BY artist_id, id",
			func(v *model.Album) int { return v.ArtistID })),
		TracksByAlbum: load(byParent(r, "SELECT "+track+" FROM track WHERE album_id = ANY($1) ORDER BY album_id, id",
			func(v *model.Track) int { return *v.AlbumID })),
		LinesByInvoice: load(byParent(r, "SELECT "+invoiceLine+" FROM invoice_line WHERE invoice_id = ANY($1) ORDER BY invoice_id, id",
			func(v *model.InvoiceLine) int { return v.InvoiceID })),
		InvoicesByOwner: load(r.invoices),
	}
}

func load[K comparable, V any](batch dataloader.BatchFunc[K, V]) *dataloader.Loader[K, V] {
	return dataloader.NewBatchedLoader(batch, dataloader.WithWait[K, V](wait))
}

// invoices is a batch function. All keys of a batch come from one field of an operation, so that
// most often they ask for the same number.
func (r *Reader) invoices(ctx context.Context, keys []CustomerInvoices) []*dataloader.Result[[]*model.Invoice] {
	customers, first := make([]int, len(keys)), 0
	for i, key := range keys {
		customers[i], first = key.Customer, max(first, key.First)
	}
	found, err := rows[model.Invoice](ctx, r, `SELECT i.* FROM unnest($1::bigint[]) AS k (id) CROSS JOIN LATERAL (
	SELECT `+invoice+` FROM invoice WHERE customer_id = k.id ORDER BY id LIMIT $2) AS i`, customers, first)
	lists := make(map[int][]*model.Invoice, len(keys))
	for _, row := range found {
		lists[row.CustomerID] = append(lists[row.CustomerID], row)
	}
	results := make([]*dataloader.Result[[]*model.Invoice], len(keys))
	for i, key := range keys {
		list := lists[key.Customer]
		results[i] = &dataloader.Result[[]*model.Invoice]{Data: list[:min(key.First, len(list))], Error: err}
	}
	return results
}

type contextKey struct{}

// Middleware gives each request its loaders.
func Middleware(r *Reader, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		ctx := context.WithValue(request.Context(), contextKey{}, newLoaders(r))
		next.ServeHTTP(w, request.WithContext(ctx))
	})
}

// For are the loaders of a request.
func For(ctx context.Context) *Loaders { return ctx.Value(contextKey{}).(*Loaders) }
