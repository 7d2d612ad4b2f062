package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// tableInfo is what the schema expects of a table. The generator writes schemaTables: one for each
// @table and one for each table of links.
type tableInfo struct {
	name string
	// reference tables have no bucket.
	reference bool
	// link tables have no id; their bucket is that of the first column.
	link    bool
	columns []columnInfo
}

// columnInfo is what the schema expects of a column.
type columnInfo struct {
	name string
	// sqlType as format_type writes it, without a modifier: bigint, integer, double precision,
	// boolean, text, timestamp with time zone, numeric.
	sqlType  string
	nullable bool
	// sorted columns are those that orders and filters compare; text must then be COLLATE "C".
	sorted bool
}

// SchemaError says how the tables differ from the schema, and with which SQL to agree again.
type SchemaError struct {
	Differences []Difference
}

// Difference is one thing that is wrong on some shards.
type Difference struct {
	Shards []string
	Table  string
	// Problem as a sentence without its subject: "has no column title".
	Problem string
	// SQL is what a migration would do about it, "" where none can.
	SQL string
}

func (e *SchemaError) Error() string {
	b := strings.Builder{}
	b.WriteString("the tables do not fit the schema; write a migration (store/migrations/NNNN_name.sql) that makes them fit:")
	for _, d := range e.Differences {
		fmt.Fprintf(&b, "\n  %s: %s %s", shardList(d.Shards), d.Table, d.Problem)
		if d.SQL != "" {
			b.WriteString("\n      " + d.SQL)
		}
	}
	return b.String()
}

func shardList(names []string) string {
	if len(names) == 1 {
		return "shard " + names[0]
	}
	return "shards " + strings.Join(names, ", ")
}

// Check compares the tables that the schema names with those of every shard. What differs is a
// [SchemaError]. Call it before serving: a row whose columns have other types cannot be decoded. kept
// names, by table, what a cache keeps that depends on its rows: that cannot be a view, of which no change
// is ever heard.
func (s *Store) Check(ctx context.Context, kept map[string][]string) error {
	return s.check(ctx, schemaTables, kept)
}

func (s *Store) check(ctx context.Context, tables []tableInfo, kept map[string][]string) error {
	found := make([][]Difference, len(s.pools))
	err := s.eachShard(func(i int) error {
		shape, err := readShape(ctx, s.pools[i], tables)
		if err == nil {
			found[i] = shape.differences(tables, kept)
		}
		return err
	}, "check the tables of")
	var all []Difference
	for i, differences := range found {
		name := string(s.topology.Name(i))
		for _, d := range differences {
			same := slices.IndexFunc(all, func(o Difference) bool { return o.Table == d.Table && o.Problem == d.Problem })
			if same >= 0 {
				all[same].Shards = append(all[same].Shards, name)
			} else {
				d.Shards = []string{name}
				all = append(all, d)
			}
		}
	}
	if len(all) > 0 {
		return errors.Join(&SchemaError{all}, err)
	}
	return err
}

// shape is what a shard's catalogue says.
type shape struct {
	encoding  string
	collation string // of the database, "C" if it sorts like it
	tables    map[string]*tableShape
}

type tableShape struct {
	isView  bool
	keyed   map[string]bool // columns that a unique index begins with
	columns map[string]columnShape
}

type columnShape struct {
	sqlType   string
	notNull   bool
	collation string // "" for the database's own
}

// shapeSQL gives a row per column of the tables $1, which it finds as a query would, and one with
// NULLs for a table that is missing or without columns. Views never say that a column is not null.
// Before version 15 Postgres had no providers of locales, hence the way through JSON; the builtin
// one (version 17) always sorts by code point.
const shapeSQL = `
SELECT t.name, c.relkind::text, a.attname, format_type(coalesce(nullif(ty.typbasetype, 0), a.atttypid), NULL), a.attnotnull,
       CASE WHEN a.attcollation = 'pg_catalog."default"'::regcollation THEN '' ELSE co.collname END,
       EXISTS (SELECT FROM pg_index x WHERE x.indrelid = c.oid AND x.indisunique AND x.indisvalid AND x.indpred IS NULL AND x.indkey[0] = a.attnum),
       current_setting('server_encoding'),
       (SELECT CASE to_jsonb(d)->>'datlocprovider'
               WHEN 'b' THEN 'C'
               WHEN 'i' THEN coalesce(to_jsonb(d)->>'datlocale', to_jsonb(d)->>'daticulocale', 'icu')
               ELSE d.datcollate END FROM pg_database d WHERE d.datname = current_database())
FROM unnest($1::text[]) AS t(name)
LEFT JOIN pg_class c ON c.oid = to_regclass(t.name)
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_type ty ON ty.oid = a.atttypid
LEFT JOIN pg_collation co ON co.oid = a.attcollation`

func readShape(ctx context.Context, pool *pgxpool.Pool, tables []tableInfo) (*shape, error) {
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = t.name
	}
	rows, err := pool.Query(ctx, shapeSQL, names)
	if err != nil {
		return nil, err
	}
	s := &shape{tables: map[string]*tableShape{}}
	var name string
	var kind, column, sqlType, collation *string
	var notNull *bool
	var keyed bool
	_, err = pgx.ForEachRow(rows, []any{&name, &kind, &column, &sqlType, &notNull, &collation, &keyed, &s.encoding, &s.collation}, func() error {
		if kind == nil {
			return nil
		}
		t := s.tables[name]
		if t == nil {
			t = &tableShape{isView: *kind == "v" || *kind == "m" || *kind == "f", keyed: map[string]bool{}, columns: map[string]columnShape{}}
			s.tables[name] = t
		}
		if column != nil {
			c := columnShape{sqlType: *sqlType, notNull: *notNull}
			if collation != nil {
				c.collation = *collation
			}
			t.columns[*column], t.keyed[*column] = c, keyed
		}
		return nil
	})
	return s, err
}

func (s *shape) differences(tables []tableInfo, kept map[string][]string) []Difference {
	var all []Difference
	if s.encoding != "UTF8" && s.encoding != "" {
		all = append(all, Difference{Table: "the database", Problem: "has the encoding " + s.encoding + ", but texts can hold any character; create it anew with ENCODING 'UTF8'"})
	}
	for _, want := range tables {
		want.columns = want.all()
		t := s.tables[want.name]
		if t == nil {
			all = append(all, Difference{Table: "table " + want.name, Problem: "is missing", SQL: want.create()})
			continue
		}
		if what := kept[want.name]; t.isView && len(what) > 0 {
			all = append(all, Difference{
				Table:   "table " + want.name,
				Problem: "is a view or the like, of which no change is heard, so nothing that reads it can be kept: remove @cached from " + strings.Join(what, ", ") + ", or make it a table",
			})
		}
		for _, c := range want.columns {
			if d := s.difference(want, t, c); d.Problem != "" {
				d.Table = "table " + want.name
				all = append(all, d)
			}
		}
		if id := want.columns[0].name; !want.link && !t.isView && t.columns[id].sqlType != "" && !t.keyed[id] {
			all = append(all, Difference{
				Table: "table " + want.name, Problem: "has no primary key or unique index that begins with " + id,
				SQL: "ALTER TABLE " + want.name + " ADD " + want.primaryKey() + ";",
			})
		}
	}
	return all
}

func (s *shape) difference(want tableInfo, t *tableShape, c columnInfo) Difference {
	is, ok := t.columns[c.name]
	alter := "ALTER TABLE " + want.name + " ALTER COLUMN " + c.name
	switch {
	case !ok:
		d := Difference{Problem: "has no column " + c.name, SQL: "ALTER TABLE " + want.name + " ADD COLUMN " + want.define(c) + ";"}
		if !c.nullable {
			d.SQL += " -- a table with rows needs a DEFAULT as well"
		}
		return d
	case is.sqlType != c.sqlType && (c.sqlType != "text" || is.sqlType != "character varying"):
		return Difference{
			Problem: fmt.Sprintf("has a column %s of type %s, but the schema needs %s", c.name, is.sqlType, c.sqlType),
			SQL:     alter + " TYPE " + c.typed() + ";",
		}
	case !is.notNull && !c.nullable && !t.isView:
		return Difference{
			Problem: "may hold NULL in column " + c.name + ", which the schema says is never null",
			SQL:     alter + " SET NOT NULL;",
		}
	case c.sorted && c.sqlType == "text" && !s.sortsByBytes(is.collation):
		return Difference{
			Problem: fmt.Sprintf("sorts column %s by the collation %q, but the answers of several shards are merged by bytes", c.name, orElse(is.collation, s.collation)),
			SQL:     alter + " TYPE " + c.typed() + ";",
		}
	default:
		return Difference{}
	}
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// sortsByBytes says whether texts of a collation come in the order of their bytes in UTF-8. That of
// C.UTF-8 does so too, but only in recent versions of the C library.
func (s *shape) sortsByBytes(collation string) bool {
	switch orElse(collation, s.collation) {
	case "C", "POSIX", "ucs_basic":
		return true
	default:
		return false
	}
}

// all adds the bucket, which every table that is divided has and which rows do not show.
func (t tableInfo) all() []columnInfo {
	if t.reference || slices.ContainsFunc(t.columns, func(c columnInfo) bool { return c.name == "bucket" }) {
		return t.columns
	}
	return slices.Insert(slices.Clone(t.columns), 1, columnInfo{name: "bucket", sqlType: "smallint"})
}

// create is a CREATE TABLE to begin with; constraints and indexes of lists are the author's.
func (t tableInfo) create() string {
	lines := make([]string, 0, len(t.columns)+1)
	for _, c := range t.columns {
		lines = append(lines, t.define(c))
	}
	return "CREATE TABLE " + t.name + " (" + strings.Join(append(lines, t.primaryKey()), ", ") + ");"
}

func (t tableInfo) define(c columnInfo) string {
	d := c.name + " " + c.typed()
	if !c.nullable {
		d += " NOT NULL"
	}
	if c.name == "bucket" {
		d += " CHECK (bucket = (" + t.columns[0].name + " >> 12) & 1023)"
	}
	return d
}

func (t tableInfo) primaryKey() string {
	key := t.columns[0].name
	if t.link {
		for _, c := range t.columns[1:] {
			if c.sqlType == "bigint" {
				key += ", " + c.name
			}
		}
	}
	if !t.reference {
		key += ", bucket"
	}
	return "PRIMARY KEY (" + key + ")"
}

func (c columnInfo) typed() string {
	if c.sorted && c.sqlType == "text" {
		return `text COLLATE "C"`
	}
	return c.sqlType
}
