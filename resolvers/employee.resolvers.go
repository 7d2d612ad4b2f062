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

func (r *employeeResolver) ReportsTo(ctx context.Context, objs []*store.Employee) ([]*store.Employee, error) {
	// Generated from @belongsTo. For a body of your own say @computed.
	return loaders.For(ctx).EmployeeByID.LoadAll(ctx, len(objs), func(i int) store.ID { return objs[i].ReportsTo })
}

func (r *employeeResolver) Reports(ctx context.Context, objs []*store.Employee, first *int32, after *string, last *int32, before *string) ([]*model.EmployeeConnection, error) {
	// Generated from @hasMany. For a body of your own say @computed.
	w, err := store.EmployeesByReportsTo.Window(store.PageArgs{First: first, After: after, Last: last, Before: before}, nil, nil)
	if err != nil {
		return nil, err
	}
	return model.EmployeeConnections(loaders.For(ctx).EmployeesByReportsTo.LoadAll(ctx, w, len(objs), func(i int) store.ID { return objs[i].ID }))
}

func (r *employeeResolver) Customers(ctx context.Context, objs []*store.Employee, first *int32, after *string, last *int32, before *string, orderBy store.CustomerOrder, filter *store.CustomerFilter) ([]*model.CustomerConnection, error) {
	// Generated from @hasMany. For a body of your own say @computed.
	w, err := store.CustomersBySupportRepID.Window(store.PageArgs{First: first, After: after, Last: last, Before: before}, orderBy.Order(), filter)
	if err != nil {
		return nil, err
	}
	return model.CustomerConnections(loaders.For(ctx).CustomersBySupportRepID.LoadAll(ctx, w, len(objs), func(i int) store.ID { return objs[i].ID }))
}

func (r *queryResolver) Employee(ctx context.Context, id store.NodeID) (*store.Employee, error) {
	// Generated from @get. For a body of your own say @computed.
	key, err := id.As(store.KindEmployee)
	if err != nil {
		return nil, err
	}
	return loaders.For(ctx).EmployeeByID.LoadOne(ctx, key)
}

func (r *queryResolver) Employees(ctx context.Context, first *int32, after *string, last *int32, before *string, orderBy store.EmployeeOrder) (*model.EmployeeConnection, error) {
	// Generated from @list. For a body of your own say @computed.
	w, err := store.Employees.Window(store.PageArgs{First: first, After: after, Last: last, Before: before}, orderBy.Order(), nil)
	if err != nil {
		return nil, err
	}
	return model.NewEmployeeConnection(loaders.For(ctx).Employees.Load(ctx, w))
}

func (r *Resolver) Employee() graph.EmployeeResolver { return &employeeResolver{r} }

type employeeResolver struct{ *Resolver }
