package resolvers

import (
	"backline/graph"
	"backline/graph/model"
	"backline/loaders"
	"backline/store"
	"context"
)

// Bodies that begin with "Generated from" follow from the schema, and "go generate ./..." writes them
// anew. All others are yours and stay. Functions of your own belong in other files.

func (r *customerResolver) SupportRep(ctx context.Context, objs []*store.Customer) ([]*store.Employee, error) {
	// Generated from @belongsTo. For a body of your own say @computed.
	return loaders.For(ctx).EmployeeByID.LoadAll(ctx, len(objs), func(i int) store.ID { return objs[i].SupportRepID })
}

func (r *customerResolver) Invoices(ctx context.Context, objs []*store.Customer, first *int32, after *string, last *int32, before *string, orderBy store.InvoiceOrder, filter *store.InvoiceFilter) ([]*model.InvoiceConnection, error) {
	// Generated from @hasMany. For a body of your own say @computed.
	w, err := store.InvoicesByCustomerID.Window(store.PageArgs{First: first, After: after, Last: last, Before: before}, orderBy.Order(), filter)
	if err != nil {
		return nil, err
	}
	return model.InvoiceConnections(loaders.For(ctx).InvoicesByCustomerID.LoadAll(ctx, w, len(objs), func(i int) store.ID { return objs[i].ID }))
}

func (r *queryResolver) Customer(ctx context.Context, id store.NodeID) (*store.Customer, error) {
	// Generated from @get. For a body of your own say @computed.
	key, err := id.As(store.KindCustomer)
	if err != nil {
		return nil, err
	}
	return loaders.For(ctx).CustomerByID.LoadOne(ctx, key)
}

func (r *queryResolver) Customers(ctx context.Context, first *int32, after *string, last *int32, before *string, orderBy store.CustomerOrder, filter *store.CustomerFilter) (*model.CustomerConnection, error) {
	// Generated from @list. For a body of your own say @computed.
	w, err := store.Customers.Window(store.PageArgs{First: first, After: after, Last: last, Before: before}, orderBy.Order(), filter)
	if err != nil {
		return nil, err
	}
	return model.NewCustomerConnection(loaders.For(ctx).Customers.Load(ctx, w))
}

func (r *Resolver) Customer() graph.CustomerResolver { return &customerResolver{r} }

type customerResolver struct{ *Resolver }
