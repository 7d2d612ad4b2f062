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

func (r *queryResolver) Track(ctx context.Context, id store.NodeID) (*store.Track, error) {
	// Generated from @get. For a body of your own say @computed.
	key, err := id.As(store.KindTrack)
	if err != nil {
		return nil, err
	}
	return loaders.For(ctx).TrackByID.LoadOne(ctx, key, breadth.Ahead(ctx)...)
}

func (r *queryResolver) Tracks(ctx context.Context, first *int32, after *string, last *int32, before *string, orderBy store.TrackOrder, filter *store.TrackFilter) (*model.TrackConnection, error) {
	// Generated from @list. For a body of your own say @computed.
	w, err := store.Tracks.Window(store.PageArgs{First: first, After: after, Last: last, Before: before}, orderBy.Order(), filter)
	if err != nil {
		return nil, err
	}
	return model.NewTrackConnection(loaders.For(ctx).Tracks.Load(ctx, w))
}

func (r *trackResolver) Album(ctx context.Context, objs []*store.Track) ([]*store.Album, error) {
	// Generated from @belongsTo. For a body of your own say @computed.
	return loaders.For(ctx).AlbumByID.LoadAhead(ctx, breadth.Ahead(ctx), len(objs), func(i int) store.ID { return objs[i].AlbumID })
}

func (r *trackResolver) MediaType(ctx context.Context, objs []*store.Track) ([]*store.MediaType, error) {
	// Generated from @belongsTo. For a body of your own say @computed.
	return loaders.For(ctx).MediaTypeByID.LoadAll(ctx, len(objs), func(i int) store.ID { return objs[i].MediaTypeID })
}

func (r *trackResolver) Genre(ctx context.Context, objs []*store.Track) ([]*store.Genre, error) {
	// Generated from @belongsTo. For a body of your own say @computed.
	return loaders.For(ctx).GenreByID.LoadAll(ctx, len(objs), func(i int) store.ID { return objs[i].GenreID })
}

func (r *Resolver) Track() graph.TrackResolver { return &trackResolver{r} }

type trackResolver struct{ *Resolver }
