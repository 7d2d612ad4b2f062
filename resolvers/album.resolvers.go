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

func (r *albumResolver) Artist(ctx context.Context, objs []*store.Album) ([]*store.Artist, error) {
	// Generated from @belongsTo. For a body of your own say @computed.
	return loaders.For(ctx).ArtistByID.LoadAll(ctx, len(objs), func(i int) store.ID { return objs[i].ArtistID })
}

func (r *albumResolver) Tracks(ctx context.Context, objs []*store.Album, first *int32, after *string, last *int32, before *string, orderBy store.TrackOrder, filter *store.TrackFilter) ([]*model.TrackConnection, error) {
	// Generated from @hasMany. For a body of your own say @computed.
	w, err := store.TracksByAlbumID.Window(store.PageArgs{First: first, After: after, Last: last, Before: before}, orderBy.Order(), filter)
	if err != nil {
		return nil, err
	}
	return model.TrackConnections(loaders.For(ctx).TracksByAlbumID.LoadAll(ctx, w, len(objs), func(i int) store.ID { return objs[i].ID }))
}

func (r *queryResolver) Album(ctx context.Context, id store.NodeID) (*store.Album, error) {
	// Generated from @get. For a body of your own say @computed.
	key, err := id.As(store.KindAlbum)
	if err != nil {
		return nil, err
	}
	return loaders.For(ctx).AlbumByID.LoadOne(ctx, key, breadth.Ahead(ctx)...)
}

func (r *queryResolver) Albums(ctx context.Context, first *int32, after *string, last *int32, before *string, orderBy store.AlbumOrder, filter *store.AlbumFilter) (*model.AlbumConnection, error) {
	// Generated from @list. For a body of your own say @computed.
	w, err := store.Albums.Window(store.PageArgs{First: first, After: after, Last: last, Before: before}, orderBy.Order(), filter)
	if err != nil {
		return nil, err
	}
	return model.NewAlbumConnection(loaders.For(ctx).Albums.Load(ctx, w))
}

func (r *Resolver) Album() graph.AlbumResolver { return &albumResolver{r} }

type albumResolver struct{ *Resolver }
