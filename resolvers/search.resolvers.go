package resolvers

import (
	"backline/graph/model"
	"backline/loaders"
	"backline/store"
	"context"
)

// Bodies that begin with "Generated from" follow from the schema, and "go generate ./..." writes them
// anew. All others are yours and stay. Functions of your own belong in other files.

func (r *queryResolver) Search(ctx context.Context, query string, first *int32) (*model.SearchConnection, error) {
	limit := 20 // the schema's default, for a client that says null
	if first != nil {
		limit = int(*first)
	}
	l := loaders.For(ctx)
	found, err := l.Search(query, limit)
	if err != nil {
		return nil, err
	}
	ids := make([]store.NodeID, len(found))
	for i, f := range found {
		ids[i] = store.NodeID{Kind: f.Kind, ID: f.ID}
	}
	rows, err := l.LoadNodes(ctx, ids)
	if err != nil {
		return nil, err
	}
	c := &model.SearchConnection{Nodes: []store.SearchResult{}, Edges: []model.SearchEdge{}}
	for i, row := range rows {
		if r, ok := row.(store.SearchResult); ok { // a row may be gone since it was found
			c.Nodes = append(c.Nodes, r)
			c.Edges = append(c.Edges, model.SearchEdge{Node: r, Rank: found[i].Rank})
		}
	}
	return c, nil
}
