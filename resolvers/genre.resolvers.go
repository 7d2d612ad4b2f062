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

func (r *genreResolver) Tracks(ctx context.Context, objs []*store.Genre, first *int32, after *string, last *int32, before *string, orderBy store.TrackOrder, filter *store.TrackFilter) ([]*model.TrackConnection, error) {
	// Generated from @hasMany. For a body of your own say @computed.
	w, err := store.TracksByGenreID.Window(store.PageArgs{First: first, After: after, Last: last, Before: before}, orderBy.Order(), filter)
	if err != nil {
		return nil, err
	}
	return model.TrackConnections(loaders.For(ctx).TracksByGenreID.LoadAll(ctx, w, len(objs), func(i int) store.ID { return objs[i].ID }))
}

func (r *queryResolver) Genre(ctx context.Context, id store.NodeID) (*store.Genre, error) {
	// Generated from @get. For a body of your own say @computed.
	key, err := id.As(store.KindGenre)
	if err != nil {
		return nil, err
	}
	return loaders.For(ctx).GenreByID.LoadOne(ctx, key)
}

func (r *queryResolver) Genres(ctx context.Context, first *int32, after *string, last *int32, before *string, orderBy store.GenreOrder, filter *store.GenreFilter) (*model.GenreConnection, error) {
	// Generated from @list. For a body of your own say @computed.
	w, err := store.Genres.Window(store.PageArgs{First: first, After: after, Last: last, Before: before}, orderBy.Order(), filter)
	if err != nil {
		return nil, err
	}
	return model.NewGenreConnection(loaders.For(ctx).Genres.Load(ctx, w))
}

func (r *Resolver) Genre() graph.GenreResolver { return &genreResolver{r} }

type genreResolver struct{ *Resolver }
