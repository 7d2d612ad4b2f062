package resolvers

import (
	"backline/graph"
	"backline/graph/breadth"
	"backline/graph/model"
	"backline/loaders"
	"backline/store"
	"context"
)

// Bodies that begin with "Generated from" follow from the schema, and "go generate ./..." writes them
// anew. All others are yours and stay. Functions of your own belong in other files.

func (r *invoiceResolver) Customer(ctx context.Context, objs []*store.Invoice) ([]*store.Customer, error) {
	// Generated from @belongsTo. For a body of your own say @computed.
	return loaders.For(ctx).CustomerByID.LoadAll(ctx, len(objs), func(i int) store.ID { return objs[i].CustomerID })
}

func (r *invoiceResolver) Lines(ctx context.Context, objs []*store.Invoice, first *int32, after *string, last *int32, before *string) ([]*model.InvoiceLineConnection, error) {
	// Generated from @hasMany. For a body of your own say @computed.
	w, err := store.InvoiceLinesByInvoiceID.Window(store.PageArgs{First: first, After: after, Last: last, Before: before}, nil, nil)
	if err != nil {
		return nil, err
	}
	return model.InvoiceLineConnections(loaders.For(ctx).InvoiceLinesByInvoiceID.LoadAll(ctx, w, len(objs), func(i int) store.ID { return objs[i].ID }))
}

func (r *queryResolver) Invoice(ctx context.Context, id store.NodeID) (*store.Invoice, error) {
	// Generated from @get. For a body of your own say @computed.
	key, err := id.As(store.KindInvoice)
	if err != nil {
		return nil, err
	}
	return loaders.For(ctx).InvoiceByID.LoadOne(ctx, key, breadth.Ahead(ctx)...)
}

func (r *Resolver) Invoice() graph.InvoiceResolver { return &invoiceResolver{r} }

type invoiceResolver struct{ *Resolver }
