// Package migrations holds the SQL that brings a shard's tables to the shape that the schema
// expects: NNNN_name.sql in goose's format, applied in order to every shard. A migration that has
// been released is never edited; the next one changes what it made.
package migrations

import "embed"

// Files are the migrations by file name.
//
//go:embed *.sql
var Files embed.FS
