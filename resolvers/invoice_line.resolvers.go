package resolvers

import (
	"backline/graph"
	"backline/graph/breadth"
	"backline/loaders"
	"backline/store"
	"context"
)

// Bodies that begin with "Generated from" follow from the schema, and "go generate ./..." writes them
// anew. All others are yours and stay. Functions of your own belong in other files.

func (r *invoiceLineResolver) Invoice(ctx context.Context, objs []*store.InvoiceLine) ([]*store.Invoice, error) {
	// Generated from @belongsTo. For a body of your own say @computed.
	return loaders.For(ctx).InvoiceByID.LoadAhead(ctx, breadth.Ahead(ctx), len(objs), func(i int) store.ID { return objs[i].InvoiceID })
}

func (r *invoiceLineResolver) Track(ctx context.Context, objs []*store.InvoiceLine) ([]*store.Track, error) {
	// Generated from @belongsTo. For a body of your own say @computed.
	return loaders.For(ctx).TrackByID.LoadAhead(ctx, breadth.Ahead(ctx), len(objs), func(i int) store.ID { return objs[i].TrackID })
}

func (r *Resolver) InvoiceLine() graph.InvoiceLineResolver { return &invoiceLineResolver{r} }

type invoiceLineResolver struct{ *Resolver }
