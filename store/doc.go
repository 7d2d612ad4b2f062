// Package store answers batches of keys from a sharded Postgres.
//
// It owns routing (which shard holds a key), fanning out (one statement per shard, all shards at
// once), merging (one order over the answers of all shards), paging with keyset cursors, and the
// rows themselves. Row types, tables, orders, filters and relations are generated from the schema
// into the *_gen.go files; what a generator cannot know, such as search, is written by hand. The
// package knows nothing of GraphQL beyond the text form of ids and of one scalar, and nothing of
// caches.
//
// On a query's way it comes last: a loader turns the keys of a wave into a [Query], [Store.Run]
// sends the queries of all loaders of that wave to each shard in one round trip, and the loader
// takes the rows.
package store
