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

func (r *playlistResolver) Tracks(ctx context.Context, objs []*store.Playlist, first *int32, after *string, last *int32, before *string) ([]*model.TrackConnection, error) {
	// Generated from @belongsToMany. For a body of your own say @computed.
	w, err := store.TracksByPlaylistID.Window(store.PageArgs{First: first, After: after, Last: last, Before: before}, nil, nil)
	if err != nil {
		return nil, err
	}
	return model.TrackConnections(loaders.For(ctx).TracksByPlaylistID.LoadAll(ctx, w, len(objs), func(i int) store.ID { return objs[i].ID }))
}

func (r *queryResolver) Playlist(ctx context.Context, id store.NodeID) (*store.Playlist, error) {
	// Generated from @get. For a body of your own say @computed.
	key, err := id.As(store.KindPlaylist)
	if err != nil {
		return nil, err
	}
	return loaders.For(ctx).PlaylistByID.LoadOne(ctx, key)
}

func (r *queryResolver) Playlists(ctx context.Context, first *int32, after *string, last *int32, before *string, orderBy store.PlaylistOrder, filter *store.PlaylistFilter) (*model.PlaylistConnection, error) {
	// Generated from @list. For a body of your own say @computed.
	w, err := store.Playlists.Window(store.PageArgs{First: first, After: after, Last: last, Before: before}, orderBy.Order(), filter)
	if err != nil {
		return nil, err
	}
	return model.NewPlaylistConnection(loaders.For(ctx).Playlists.Load(ctx, w))
}

func (r *Resolver) Playlist() graph.PlaylistResolver { return &playlistResolver{r} }

type playlistResolver struct{ *Resolver }
