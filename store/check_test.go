package store_test

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"backline/store"
)

func TestCheckFindsNothing(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, f *fixture) {
		if err := f.Store.CheckTables(t.Context(), store.FamilyTables); err != nil {
			t.Error(err)
		}
	})
}

// TestCheckFindsDifferences changes a table, expects the difference, applies the SQL that the error
// proposes, and expects that all is well.
func TestCheckFindsDifferences(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ change, table, problem, sql string }{
		"missing table": {
			"DROP TABLE shelf_pick", "table shelf_pick", "is missing",
			`CREATE TABLE shelf_pick (shelf_id bigint NOT NULL, bucket smallint NOT NULL CHECK (bucket = (shelf_id >> 12) & 1023), book_id bigint NOT NULL, place integer NOT NULL, PRIMARY KEY (shelf_id, book_id, bucket));`,
		},
		"missing root": {
			"DROP TABLE shelf CASCADE", "table shelf", "is missing",
			`CREATE TABLE shelf (id bigint NOT NULL, bucket smallint NOT NULL CHECK (bucket = (id >> 12) & 1023), name text COLLATE "C" NOT NULL, PRIMARY KEY (id, bucket));`,
		},
		"missing reference": {
			"DROP TABLE label CASCADE", "table label", "is missing",
			`CREATE TABLE label (id bigint NOT NULL, name text COLLATE "C" NOT NULL, PRIMARY KEY (id));`,
		},
		"missing column": {
			"ALTER TABLE book DROP COLUMN note", "table book", "has no column note",
			"ALTER TABLE book ADD COLUMN note text;",
		},
		"missing column never null": {
			"ALTER TABLE book DROP COLUMN pages; TRUNCATE book CASCADE", "table book", "has no column pages",
			"ALTER TABLE book ADD COLUMN pages integer NOT NULL; -- a table with rows needs a DEFAULT as well",
		},
		"missing bucket": {
			"ALTER TABLE shelf DROP COLUMN bucket CASCADE; TRUNCATE shelf CASCADE; ALTER TABLE shelf ADD PRIMARY KEY (id)", "table shelf", "has no column bucket",
			"ALTER TABLE shelf ADD COLUMN bucket smallint NOT NULL CHECK (bucket = (id >> 12) & 1023); -- a table with rows needs a DEFAULT as well",
		},
		"another type": {
			"ALTER TABLE book ALTER COLUMN pages TYPE bigint", "table book", "has a column pages of type bigint, but the schema needs integer",
			"ALTER TABLE book ALTER COLUMN pages TYPE integer;",
		},
		"time without zone": {
			"ALTER TABLE book ALTER COLUMN printed TYPE timestamp", "table book", "has a column printed of type timestamp without time zone, but the schema needs timestamp with time zone",
			"ALTER TABLE book ALTER COLUMN printed TYPE timestamp with time zone;",
		},
		"null": {
			"ALTER TABLE book ALTER COLUMN price DROP NOT NULL", "table book", "may hold NULL in column price, which the schema says is never null",
			"ALTER TABLE book ALTER COLUMN price SET NOT NULL;",
		},
		"collation": {
			`ALTER TABLE book ALTER COLUMN title TYPE text COLLATE "und-x-icu"`, "table book", `sorts column title by the collation "und-x-icu", but the answers of several shards are merged by bytes`,
			`ALTER TABLE book ALTER COLUMN title TYPE text COLLATE "C";`,
		},
		"no key": {
			"ALTER TABLE label DROP CONSTRAINT label_pkey CASCADE", "table label", "has no primary key or unique index that begins with id",
			"ALTER TABLE label ADD PRIMARY KEY (id);",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t, 2)
			f.ExecOn(t, 1, c.change)
			var e *store.SchemaError
			if err := f.Store.CheckTables(t.Context(), store.FamilyTables); !errors.As(err, &e) {
				t.Fatalf("Check says %v", err)
			}
			if len(e.Differences) != 1 {
				t.Fatalf("differences:\n%v", e)
			}
			d := e.Differences[0]
			if !slices.Equal(d.Shards, []string{"1"}) || d.Table != c.table || d.Problem != c.problem || d.SQL != c.sql {
				t.Errorf("got %+v", d)
			}
			for _, part := range []string{"write a migration (store/migrations/NNNN_name.sql)", "shard 1: " + c.table + " " + c.problem, "\n      " + c.sql} {
				if !strings.Contains(e.Error(), part) {
					t.Errorf("%q does not say %q", e, part)
				}
			}
			f.ExecOn(t, 1, d.SQL)
			if err := f.Store.CheckTables(t.Context(), store.FamilyTables); err != nil {
				t.Errorf("after the SQL that was proposed: %v", err)
			}
		})
	}
}

func TestCheckSaysItOnceForAllShards(t *testing.T) {
	t.Parallel()
	f := setup(t, 4)
	f.Exec(t, "ALTER TABLE book DROP COLUMN note")
	f.ExecOn(t, 2, "ALTER TABLE book DROP COLUMN copies")
	err := f.Store.CheckTables(t.Context(), store.FamilyTables)
	if err == nil || strings.Count(err.Error(), "has no column note") != 1 || !strings.Contains(err.Error(), "shards 0, 1, 2, 3: table book has no column note") ||
		!strings.Contains(err.Error(), "shard 2: table book has no column copies") {
		t.Errorf("Check says %v", err)
	}
}

// TestCheckAccepts what differs and does no harm.
func TestCheckAccepts(t *testing.T) {
	t.Parallel()
	f := setup(t, 1)
	f.Exec(t, "UPDATE book SET note = '' WHERE note IS NULL")
	f.Exec(t, `ALTER TABLE book ADD COLUMN more text NOT NULL DEFAULT '', ALTER COLUMN note TYPE varchar(100), ALTER COLUMN price TYPE numeric, ALTER COLUMN note SET NOT NULL`)
	f.Exec(t, "CREATE DOMAIN kilogram AS double precision; ALTER TABLE book ALTER COLUMN weight TYPE kilogram")
	f.Exec(t, `ALTER TABLE shelf ALTER COLUMN name TYPE text COLLATE "default"`) // the database's is C
	f.Exec(t, `ALTER TABLE label RENAME TO other_label; CREATE VIEW label AS SELECT * FROM other_label`)
	if err := f.Store.CheckTables(t.Context(), store.FamilyTables); err != nil {
		t.Error(err)
	}
}

// TestCheckRefusesViewsThatAreKept: a view is as good as a table, unless somebody has to hear of changes.
func TestCheckRefusesViewsThatAreKept(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	kept := map[string][]string{"label": {"Label", "Query.labels"}}
	if err := f.Store.CheckKept(t.Context(), store.FamilyTables, kept); err != nil {
		t.Errorf("it is a table: %v", err)
	}
	f.ExecOn(t, 1, `ALTER TABLE label RENAME TO other_label; CREATE VIEW label AS SELECT * FROM other_label`)
	err := f.Store.CheckKept(t.Context(), store.FamilyTables, kept)
	const want = "shard 1: table label is a view or the like, of which no change is heard, so nothing that reads it can be kept: remove @cached from Label, Query.labels, or make it a table"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Check says %v", err)
	}
}

func TestCheckNamesAShardThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	f.Store.Pools()[1].Close()
	if err := f.Store.CheckTables(t.Context(), store.FamilyTables); err == nil || !strings.Contains(err.Error(), "check the tables of shard 1: ") || strings.Contains(err.Error(), "shard 0") {
		t.Errorf("Check says %v", err)
	}
}

// TestCheckOfTheDatabase: what a table leaves to the database it lies in.
func TestCheckOfTheDatabase(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ options, want string }{
		"collation": {"ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'", `table label sorts column name by the collation "C.UTF-8"`},
		"encoding":  {"ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'", "the database has the encoding LATIN1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := empty(t, 1)
			u, err := url.Parse(f.URLs[0])
			if err != nil {
				t.Fatal(err)
			}
			database := u.Path[1:] + "_" + name
			pool := f.Store.Pools()[0]
			if _, err := pool.Exec(t.Context(), "CREATE DATABASE "+database+" TEMPLATE template0 "+c.options); err != nil {
				t.Skipf("this machine cannot make such a database: %v", err)
			}
			t.Cleanup(func() { f.Exec(t, "DROP DATABASE "+database+" WITH (FORCE)") })
			u.Path = "/" + database
			s, err := store.Open(t.Context(), store.Config{URLs: []string{u.String()}})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(s.Close)
			if _, err := s.Pools()[0].Exec(t.Context(), "CREATE TABLE label (id bigint PRIMARY KEY, name text NOT NULL)"); err != nil {
				t.Fatal(err)
			}
			err = s.CheckTables(t.Context(), store.FamilyTables[1:2])
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Count(err.Error(), "shard 0: ") != 1 {
				t.Errorf("Check says %v", err)
			}
		})
	}
}
