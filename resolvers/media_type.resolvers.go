package resolvers

import (
	"backline/graph/model"
	"backline/loaders"
	"backline/store"
	"context"
)

// Bodies that begin with "Generated from" follow from the schema, and "go generate ./..." writes them
// anew. All others are yours and stay. Functions of your own belong in other files.

func (r *queryResolver) MediaTypes(ctx context.Context, first *int32, after *string, last *int32, before *string) (*model.MediaTypeConnection, error) {
	// Generated from @list. For a body of your own say @computed.
	w, err := store.MediaTypes.Window(store.PageArgs{First: first, After: after, Last: last, Before: before}, nil, nil)
	if err != nil {
		return nil, err
	}
	return model.NewMediaTypeConnection(loaders.For(ctx).MediaTypes.Load(ctx, w))
}
