package main

import "backline/store"

// databasesFlag is which shards a command works on.
type databasesFlag struct {
	PostgresURLs string `name:"postgres-urls" env:"BACKLINE_POSTGRES_URLS" required:"" placeholder:"URL,URL,..." help:"The databases, one per shard, in the order that the server has."`
}

// open connects to all shards. Whoever opens closes.
func (f databasesFlag) open(c *console) (*store.Store, error) {
	urls := store.SplitURLs(f.PostgresURLs)
	if len(urls) == 0 {
		return nil, errNoDatabase
	}
	return store.Open(c.ctx, store.Config{URLs: urls, MaxConns: 4})
}
