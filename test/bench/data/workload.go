package data

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/jackc/pgx/v5"
)

// Workload is which rows the requests are about: the same for every server, in the same order.
type Workload struct {
	// Artists and Tracks are rows that pages begin behind. At least 50 artists or 100 tracks follow.
	Artists, Tracks []int64
	// Customers have at least 20 invoices.
	Customers []int64
	Albums    []int64
}

// Variants is how many different requests there are of each query.
const Variants = 1000

// NewWorkload chooses rows evenly over the tables and shuffles them, so that requests that follow
// each other do not read neighbours.
func NewWorkload(ctx context.Context, c *Cluster) (*Workload, error) {
	conn, err := pgx.Connect(ctx, c.URLs[0])
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	w := &Workload{}
	for _, choice := range []struct {
		to  *[]int64
		sql string
	}{
		{&w.Artists, "SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id DESC) AS n FROM artist) AS a WHERE n > 50 ORDER BY id"},
		{&w.Tracks, "SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id DESC) AS n FROM track) AS t WHERE n > 100 ORDER BY id"},
		{&w.Customers, "SELECT customer_id FROM invoice GROUP BY customer_id HAVING count(*) BETWEEN 20 AND 60 ORDER BY customer_id"},
		{&w.Albums, "SELECT id FROM album ORDER BY id"},
	} {
		rows, err := conn.Query(ctx, choice.sql)
		if err != nil {
			return nil, fmt.Errorf("choose rows: %w", err)
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			return nil, fmt.Errorf("choose rows: %w", err)
		}
		if *choice.to, err = spread(ids); err != nil {
			return nil, fmt.Errorf("choose rows with %q: %w", choice.sql, err)
		}
	}
	return w, nil
}

func spread(ids []int64) ([]int64, error) {
	if len(ids) < Variants {
		return nil, fmt.Errorf("%d rows are fewer than %d requests", len(ids), Variants)
	}
	out := make([]int64, Variants)
	for i := range out {
		out[i] = ids[i*len(ids)/Variants]
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out, nil
}
