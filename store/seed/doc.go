// Package seed fills empty shards: with a made-up catalogue of any size (Demo), or with the rows of
// the official Chinook script for PostgreSQL (Chinook).
//
// It owns the demo catalogue's word lists and rules, the reader of the script, and the loading of
// both with COPY: one connection and one transaction per shard, all of them committed together. It
// knows the tables of the migrations and where their rows belong, and nothing of the store that
// will serve them; it runs before the first query and stands on no query's way.
//
// A seed is all or nothing. Every shard keeps one row in the table seed_state that says which seed
// its rows came from, written in the same transaction as they are; when all shards have committed,
// the row is marked complete. A seed that was cut short between two commits is recognised by its
// unmarked rows, and the next start finishes it, or begins anew if it is told to load something
// else. Rows that no seed wrote are never touched.
package seed
