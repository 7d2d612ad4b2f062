package store

import (
	"context"
	"testing/fstest"

	"github.com/jackc/pgx/v5/pgxpool"

	"backline/store/shard"
)

// What the tests in package store_test need of the inside.

// CursorOf encodes a cursor of a list and order, with any value.
func CursorOf(field, order string, id ID, value string) string {
	return cursor{id, value}.encode(boundTo(field, order))
}

// Valid says whether a cursor in this order may carry value.
func Valid[T any](o *Order[T], value string) bool { return o.valid(value) }

// RawQuery asks a shard for something that no table has.
func RawQuery(loader string, shards []int, sql string, columns int, row func([][]byte)) *Query {
	formats := make([]int16, columns)
	q := &Query{Loader: loader}
	statement := newStatement(sql, formats)
	for _, s := range shards {
		q.Parts = append(q.Parts, Part{Shard: s, Statement: statement, Row: row})
	}
	return q
}

// Unconnected is a store that can prepare queries but not run them.
func Unconnected(shards int) *Store {
	t, err := shard.Even(shards)
	if err != nil {
		panic(err)
	}
	return &Store{topology: t, owned: owned(t), pools: make([]*pgxpool.Pool, shards)}
}

// TableInfo is for tests of Check.
type TableInfo = tableInfo

// CheckTables is Check of other tables than the product's.
func (s *Store) CheckTables(ctx context.Context, tables []TableInfo) error {
	return s.check(ctx, tables, nil)
}

// CheckKept is CheckTables where something is kept of them.
func (s *Store) CheckKept(ctx context.Context, tables []TableInfo, kept map[string][]string) error {
	return s.check(ctx, tables, kept)
}

// FamilyMigrations are the family's tables as a migration.
func FamilyMigrations() fstest.MapFS {
	return fstest.MapFS{"0001_family.sql": {Data: []byte("-- +goose Up\n" + FamilySQL)}}
}

// NewTable makes a table that is not generated.
func NewTable[T any](t *Table[T]) *Table[T] { return newTable(t) }

// Known makes a list believe that no parent has more rows.
func (l *List[T]) Known(longest int) {
	l.length.longest.Store(int32(longest)) //nolint:gosec // of a test
	l.length.seen.Store(knownParents)
}

// IsWhole says whether a list takes pages of so many rows for whole.
func (l *List[T]) IsWhole(limit int) bool { return l.length.holds(limit) }

// OfInvoices and OfLines are the SQL of a reach over the alias t, "" where it restricts nothing, and its
// values.
func (r *Reach) OfInvoices() (sql string, values []string) { return r.over(InvoiceTable) }

// OfLines is OfInvoices for their lines.
func (r *Reach) OfLines() (sql string, values []string) { return r.over(InvoiceLineTable) }

func (r *Reach) over(t anyTable) (sql string, values []string) {
	if r == nil {
		return "", nil
	}
	if r.restricts() {
		sql = r.condition(t, "t")
	}
	return sql, r.values()
}
