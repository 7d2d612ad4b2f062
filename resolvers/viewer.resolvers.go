package resolvers

import (
	"backline/graph"
	"backline/graph/model"
	"backline/graph/rights"
	"backline/loaders"
	"backline/store"
	"context"
)

// Bodies that begin with "Generated from" follow from the schema, and "go generate ./..." writes them
// anew. All others are yours and stay. Functions of your own belong in other files.

func (r *queryResolver) Viewer(ctx context.Context) (*model.Viewer, error) {
	v := rights.Of(ctx)
	if !v.SignedIn() {
		return nil, nil //nolint:nilnil // nobody is null
	}
	return &model.Viewer{Subject: v.Subject, Scopes: append([]string{}, v.Scopes...)}, nil
}

func (r *viewerResolver) Customer(ctx context.Context, objs []*model.Viewer) ([]*store.Customer, error) {
	id := viewerAs(ctx, store.KindCustomer)
	return loaders.For(ctx).CustomerByID.LoadAll(ctx, len(objs), func(int) store.ID { return id })
}

func (r *viewerResolver) Employee(ctx context.Context, objs []*model.Viewer) ([]*store.Employee, error) {
	id := viewerAs(ctx, store.KindEmployee)
	return loaders.For(ctx).EmployeeByID.LoadAll(ctx, len(objs), func(int) store.ID { return id })
}

func (r *Resolver) Viewer() graph.ViewerResolver { return &viewerResolver{r} }

type viewerResolver struct{ *Resolver }
