package resolvers

import (
	"backline/graph"
	"backline/loaders"
	"backline/store"
	"context"
)

// Bodies that begin with "Generated from" follow from the schema, and "go generate ./..." writes them
// anew. All others are yours and stay. Functions of your own belong in other files.

func (r *queryResolver) Node(ctx context.Context, id store.NodeID) (store.Node, error) {
	// Generated from @node. For a body of your own say @computed.
	return loaders.For(ctx).LoadNode(ctx, id)
}

func (r *queryResolver) Nodes(ctx context.Context, ids []store.NodeID) ([]store.Node, error) {
	// Generated from @node. For a body of your own say @computed.
	return loaders.For(ctx).LoadNodes(ctx, ids)
}

func (r *Resolver) Query() graph.QueryResolver { return &queryResolver{r} }

type queryResolver struct{ *Resolver }
