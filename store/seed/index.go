package seed

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// index is an index that is built after the rows are in, which is several times faster than
// keeping it up to date row by row.
type index struct {
	name       string // quoted, with its schema
	definition string // CREATE INDEX …
}

// Primary keys and other constraints stay: rows arrive in the order of their keys, which an index
// takes in cheaply, and foreign keys hang on them. Indexes that nobody knew of when this was
// written (a team's own migrations) come back like all others.
const listIndexes = `
SELECT format('%I.%I', n.nspname, c.relname), pg_get_indexdef(c.oid)
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE i.indrelid = ANY($1::text[]::regclass[]::oid[])
  AND NOT i.indisunique
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)
ORDER BY i.indrelid, c.relname`

// dropIndexes drops the plain indexes of the seed's tables and returns what builds them again. It
// belongs into the transaction that builds them: whatever happens, they are there afterwards.
func dropIndexes(ctx context.Context, tx pgx.Tx) ([]index, error) {
	rows, err := tx.Query(ctx, listIndexes, tableNames())
	if err != nil {
		return nil, fmt.Errorf("list indexes: %w", err)
	}
	indexes, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (index, error) {
		var ix index
		return ix, row.Scan(&ix.name, &ix.definition)
	})
	if err != nil {
		return nil, fmt.Errorf("list indexes: %w", err)
	}
	for _, ix := range indexes {
		if _, err := tx.Exec(ctx, "DROP INDEX "+ix.name); err != nil {
			return nil, fmt.Errorf("drop index %s: %w", ix.name, err)
		}
	}
	return indexes, nil
}

func tableNames() []string {
	names := make([]string, tableCount)
	for i, l := range layouts {
		names[i] = l.name
	}
	return names
}
