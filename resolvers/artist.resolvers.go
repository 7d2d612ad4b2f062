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

func (r *artistResolver) Albums(ctx context.Context, objs []*store.Artist, first *int32, after *string, last *int32, before *string, orderBy store.AlbumOrder, filter *store.AlbumFilter) ([]*model.AlbumConnection, error) {
	// Generated from @hasMany. For a body of your own say @computed.
	w, err := store.AlbumsByArtistID.Window(store.PageArgs{First: first, After: after, Last: last, Before: before}, orderBy.Order(), filter)
	if err != nil {
		return nil, err
	}
	return model.AlbumConnections(loaders.For(ctx).AlbumsByArtistID.LoadAll(ctx, w, len(objs), func(i int) store.ID { return objs[i].ID }))
}

func (r *queryResolver) Artist(ctx context.Context, id store.NodeID) (*store.Artist, error) {
	// Generated from @get. For a body of your own say @computed.
	key, err := id.As(store.KindArtist)
	if err != nil {
		return nil, err
	}
	return loaders.For(ctx).ArtistByID.LoadOne(ctx, key)
}

func (r *queryResolver) Artists(ctx context.Context, first *int32, after *string, last *int32, before *string, orderBy store.ArtistOrder, filter *store.ArtistFilter) (*model.ArtistConnection, error) {
	// Generated from @list. For a body of your own say @computed.
	w, err := store.Artists.Window(store.PageArgs{First: first, After: after, Last: last, Before: before}, orderBy.Order(), filter)
	if err != nil {
		return nil, err
	}
	return model.NewArtistConnection(loaders.For(ctx).Artists.Load(ctx, w))
}

func (r *Resolver) Artist() graph.ArtistResolver { return &artistResolver{r} }

type artistResolver struct{ *Resolver }
