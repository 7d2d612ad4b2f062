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

func (r *albumConnectionResolver) TotalCount(ctx context.Context, objs []*model.AlbumConnection) ([]int32, error) {
	// Generated from @list. For a body of your own say @computed.
	return loaders.For(ctx).Totals.LoadAll(ctx, len(objs), func(i int) store.Total { return objs[i].Total() })
}

func (r *artistConnectionResolver) TotalCount(ctx context.Context, objs []*model.ArtistConnection) ([]int32, error) {
	// Generated from @list. For a body of your own say @computed.
	return loaders.For(ctx).Totals.LoadAll(ctx, len(objs), func(i int) store.Total { return objs[i].Total() })
}

func (r *customerConnectionResolver) TotalCount(ctx context.Context, objs []*model.CustomerConnection) ([]int32, error) {
	// Generated from @list. For a body of your own say @computed.
	return loaders.For(ctx).Totals.LoadAll(ctx, len(objs), func(i int) store.Total { return objs[i].Total() })
}

func (r *employeeConnectionResolver) TotalCount(ctx context.Context, objs []*model.EmployeeConnection) ([]int32, error) {
	// Generated from @list. For a body of your own say @computed.
	return loaders.For(ctx).Totals.LoadAll(ctx, len(objs), func(i int) store.Total { return objs[i].Total() })
}

func (r *genreConnectionResolver) TotalCount(ctx context.Context, objs []*model.GenreConnection) ([]int32, error) {
	// Generated from @list. For a body of your own say @computed.
	return loaders.For(ctx).Totals.LoadAll(ctx, len(objs), func(i int) store.Total { return objs[i].Total() })
}

func (r *invoiceConnectionResolver) TotalCount(ctx context.Context, objs []*model.InvoiceConnection) ([]int32, error) {
	// Generated from @list. For a body of your own say @computed.
	return loaders.For(ctx).Totals.LoadAll(ctx, len(objs), func(i int) store.Total { return objs[i].Total() })
}

func (r *invoiceLineConnectionResolver) TotalCount(ctx context.Context, objs []*model.InvoiceLineConnection) ([]int32, error) {
	// Generated from @list. For a body of your own say @computed.
	return loaders.For(ctx).Totals.LoadAll(ctx, len(objs), func(i int) store.Total { return objs[i].Total() })
}

func (r *mediaTypeConnectionResolver) TotalCount(ctx context.Context, objs []*model.MediaTypeConnection) ([]int32, error) {
	// Generated from @list. For a body of your own say @computed.
	return loaders.For(ctx).Totals.LoadAll(ctx, len(objs), func(i int) store.Total { return objs[i].Total() })
}

func (r *playlistConnectionResolver) TotalCount(ctx context.Context, objs []*model.PlaylistConnection) ([]int32, error) {
	// Generated from @list. For a body of your own say @computed.
	return loaders.For(ctx).Totals.LoadAll(ctx, len(objs), func(i int) store.Total { return objs[i].Total() })
}

func (r *trackConnectionResolver) TotalCount(ctx context.Context, objs []*model.TrackConnection) ([]int32, error) {
	// Generated from @list. For a body of your own say @computed.
	return loaders.For(ctx).Totals.LoadAll(ctx, len(objs), func(i int) store.Total { return objs[i].Total() })
}

func (r *Resolver) AlbumConnection() graph.AlbumConnectionResolver {
	return &albumConnectionResolver{r}
}

func (r *Resolver) ArtistConnection() graph.ArtistConnectionResolver {
	return &artistConnectionResolver{r}
}

func (r *Resolver) CustomerConnection() graph.CustomerConnectionResolver {
	return &customerConnectionResolver{r}
}

func (r *Resolver) EmployeeConnection() graph.EmployeeConnectionResolver {
	return &employeeConnectionResolver{r}
}

func (r *Resolver) GenreConnection() graph.GenreConnectionResolver {
	return &genreConnectionResolver{r}
}

func (r *Resolver) InvoiceConnection() graph.InvoiceConnectionResolver {
	return &invoiceConnectionResolver{r}
}

func (r *Resolver) InvoiceLineConnection() graph.InvoiceLineConnectionResolver {
	return &invoiceLineConnectionResolver{r}
}

func (r *Resolver) MediaTypeConnection() graph.MediaTypeConnectionResolver {
	return &mediaTypeConnectionResolver{r}
}

func (r *Resolver) PlaylistConnection() graph.PlaylistConnectionResolver {
	return &playlistConnectionResolver{r}
}

func (r *Resolver) TrackConnection() graph.TrackConnectionResolver {
	return &trackConnectionResolver{r}
}

type (
	albumConnectionResolver       struct{ *Resolver }
	artistConnectionResolver      struct{ *Resolver }
	customerConnectionResolver    struct{ *Resolver }
	employeeConnectionResolver    struct{ *Resolver }
	genreConnectionResolver       struct{ *Resolver }
	invoiceConnectionResolver     struct{ *Resolver }
	invoiceLineConnectionResolver struct{ *Resolver }
	mediaTypeConnectionResolver   struct{ *Resolver }
	playlistConnectionResolver    struct{ *Resolver }
	trackConnectionResolver       struct{ *Resolver }
)
