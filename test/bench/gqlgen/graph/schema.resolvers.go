package graph

import (
	"context"

	"backline/test/bench/gqlgen/graph/model"
	"backline/test/bench/gqlgen/loader"
)

// Artist is the resolver for the artist field.
func (r *albumResolver) Artist(ctx context.Context, obj *model.Album) (*model.Artist, error) {
	return loader.For(ctx).ArtistByID.Load(ctx, obj.ArtistID)()
}

// Tracks is the resolver for the tracks field.
func (r *albumResolver) Tracks(ctx context.Context, obj *model.Album) ([]*model.Track, error) {
	return loader.For(ctx).TracksByAlbum.Load(ctx, obj.ID)()
}

// Albums is the resolver for the albums field.
func (r *artistResolver) Albums(ctx context.Context, obj *model.Artist) ([]*model.Album, error) {
	return loader.For(ctx).AlbumsByArtist.Load(ctx, obj.ID)()
}

// SupportRep is the resolver for the supportRep field.
func (r *customerResolver) SupportRep(ctx context.Context, obj *model.Customer) (*model.Employee, error) {
	if obj.SupportRepID == nil {
		return nil, nil
	}
	return loader.For(ctx).EmployeeByID.Load(ctx, *obj.SupportRepID)()
}

// Invoices is the resolver for the invoices field.
func (r *customerResolver) Invoices(ctx context.Context, obj *model.Customer, first int) ([]*model.Invoice, error) {
	return loader.For(ctx).InvoicesByOwner.Load(ctx, loader.CustomerInvoices{Customer: obj.ID, First: first})()
}

// Lines is the resolver for the lines field.
func (r *invoiceResolver) Lines(ctx context.Context, obj *model.Invoice) ([]*model.InvoiceLine, error) {
	return loader.For(ctx).LinesByInvoice.Load(ctx, obj.ID)()
}

// Track is the resolver for the track field.
func (r *invoiceLineResolver) Track(ctx context.Context, obj *model.InvoiceLine) (*model.Track, error) {
	return loader.For(ctx).TrackByID.Load(ctx, obj.TrackID)()
}

// Artists is the resolver for the artists field.
func (r *queryResolver) Artists(ctx context.Context, first int, after int) ([]*model.Artist, error) {
	return r.Reader.Artists(ctx, first, after)
}

// Tracks is the resolver for the tracks field.
func (r *queryResolver) Tracks(ctx context.Context, first int, after int) ([]*model.Track, error) {
	return r.Reader.Tracks(ctx, first, after)
}

// Album is the resolver for the album field.
func (r *queryResolver) Album(ctx context.Context, id int) (*model.Album, error) {
	return r.Reader.Album(ctx, id)
}

// Customer is the resolver for the customer field.
func (r *queryResolver) Customer(ctx context.Context, id int) (*model.Customer, error) {
	return r.Reader.Customer(ctx, id)
}

// Album is the resolver for the album field.
func (r *trackResolver) Album(ctx context.Context, obj *model.Track) (*model.Album, error) {
	if obj.AlbumID == nil {
		return nil, nil
	}
	return loader.For(ctx).AlbumByID.Load(ctx, *obj.AlbumID)()
}

// Genre is the resolver for the genre field.
func (r *trackResolver) Genre(ctx context.Context, obj *model.Track) (*model.Genre, error) {
	if obj.GenreID == nil {
		return nil, nil
	}
	return loader.For(ctx).GenreByID.Load(ctx, *obj.GenreID)()
}

// MediaType is the resolver for the mediaType field.
func (r *trackResolver) MediaType(ctx context.Context, obj *model.Track) (*model.MediaType, error) {
	return loader.For(ctx).MediaTypeByID.Load(ctx, obj.MediaTypeID)()
}

func (r *Resolver) Album() AlbumResolver { return &albumResolver{r} }

func (r *Resolver) Artist() ArtistResolver { return &artistResolver{r} }

func (r *Resolver) Customer() CustomerResolver { return &customerResolver{r} }

func (r *Resolver) Invoice() InvoiceResolver { return &invoiceResolver{r} }

func (r *Resolver) InvoiceLine() InvoiceLineResolver { return &invoiceLineResolver{r} }

func (r *Resolver) Query() QueryResolver { return &queryResolver{r} }

func (r *Resolver) Track() TrackResolver { return &trackResolver{r} }

type (
	albumResolver       struct{ *Resolver }
	artistResolver      struct{ *Resolver }
	customerResolver    struct{ *Resolver }
	invoiceResolver     struct{ *Resolver }
	invoiceLineResolver struct{ *Resolver }
	queryResolver       struct{ *Resolver }
	trackResolver       struct{ *Resolver }
)
