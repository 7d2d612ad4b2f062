package feed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// publication names the tables whose changes are decoded. It belongs to one database.
	publication = "backline_feed"
	// slotPrefix and the database's number are the name of a slot: slots belong to the server, and
	// several shards may be databases of one server.
	slotPrefix = "backline_feed_"
)

// plan is what a reader found, or made, before it begins.
type plan struct {
	slot string
	from LSN
	// tables has the index of each table by its number in the database.
	tables      map[uint32]int
	fingerprint string
	advice      []Advice
}

// shardFacts is what a shard says of itself.
type shardFacts struct {
	version      int
	logical      bool
	recovering   bool
	user, name   string
	slot         string
	keepSize     string
	system       string
	timeline     int
	publication  uint32
	fingerprint  string
	slotExists   bool
	slotForeign  bool
	slotLost     bool
	slotActive   int
	slotPosition LSN
	slotKeeps    int64 // bytes of WAL
}

// preparation brings one shard to where it can be read. Its connection is separate from that of the
// lock, which must be free for its words.
type preparation struct {
	shard  string
	tables []Table
	// follows is Config.Follows.
	follows []string
	conn    *pgx.Conn
	// keepBytes is Config.KeepBytes.
	keepBytes int64
	facts     shardFacts
	plan      plan
	flush     func(ctx context.Context, reason string) error
	log       *slog.Logger
}

// run needs the lock. system and timeline are what the replication connection says.
func (p *preparation) run(ctx context.Context, system string, timeline int) (*plan, error) {
	p.facts.system, p.facts.timeline = system, timeline
	for _, step := range []func(context.Context) error{
		p.publish, p.findTables, p.makeState, p.readFacts, p.compare,
	} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return &p.plan, nil
}

// check says why the shard can have no feed, before anything is changed.
func (p *preparation) check(ctx context.Context) error {
	f := &p.facts
	err := p.conn.QueryRow(ctx, `SELECT current_setting('server_version_num')::int, current_setting('wal_level') = 'logical',
		pg_is_in_recovery(), current_user::text, current_database()::text, $1 || oid, current_setting('max_slot_wal_keep_size')
		FROM pg_database WHERE datname = current_database()`, slotPrefix).
		Scan(&f.version, &f.logical, &f.recovering, &f.user, &f.name, &f.slot, &f.keepSize)
	switch {
	case err != nil:
		return fmt.Errorf("read the settings: %w", err)
	case f.recovering:
		return errRecovering
	case f.version < 130000:
		return &UnavailableError{Shard: p.shard, Reason: TooOld, Problem: fmt.Sprintf("its Postgres is version %d", f.version/10000), Fix: "the feed needs 13 or newer"}
	case !f.logical:
		return notLogical(p.shard)
	}
	if f.keepSize == "-1" { // Config.KeepBytes does nothing while no process runs
		p.advise(Advice{Kind: Unbounded}, "max_slot_wal_keep_size is unlimited: WAL for a feed that nobody reads can fill the disk; set it to what the disk can spare, such as 10GB")
	}
	return nil
}

var errRecovering = errors.New("it is a standby or still recovering; changes are read from the primary")

func notLogical(shard string) error {
	return &UnavailableError{
		Shard: shard, Reason: NotLogical, Problem: "its wal_level is not logical",
		Fix: "set wal_level = logical and restart Postgres (on managed Postgres it is a parameter, see docs/guides/caching.md)",
	}
}

// publish makes the publication or adds what it lacks. It takes nothing away: during a deployment
// programs with other tables may run.
func (p *preparation) publish(ctx context.Context) error {
	var missing []string
	var exists, all, complete bool
	rows, err := p.conn.Query(ctx, `SELECT c.oid::regclass::text, p.oid IS NOT NULL, coalesce(p.puballtables, false),
		coalesce(p.pubinsert AND p.pubupdate AND p.pubdelete AND p.pubtruncate AND p.pubviaroot, false), pr.oid IS NOT NULL,
		coalesce(c.relkind IN ('r', 'p'), false)
		FROM unnest($1::text[]) t(name)
		LEFT JOIN pg_class c ON c.oid = to_regclass(t.name)
		LEFT JOIN pg_publication p ON p.pubname = $2
		LEFT JOIN pg_publication_rel pr ON pr.prpubid = p.oid AND pr.prrelid = c.oid`, tableNames(p.tables), publication)
	if err == nil {
		var name *string
		var has, isTable bool
		_, err = pgx.ForEachRow(rows, []any{&name, &exists, &all, &complete, &has, &isTable}, func() error {
			if name != nil && isTable && !has {
				missing = append(missing, *name)
			}
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("look for the publication: %w", err)
	}
	const options = "publish = 'insert, update, delete, truncate', publish_via_partition_root = true"
	var statements []string
	switch {
	case !exists && len(missing) == 0:
		return errors.New("none of the tables is there")
	case !exists:
		statements = append(statements, fmt.Sprintf("CREATE PUBLICATION %s FOR TABLE %s WITH (%s)", publication, strings.Join(missing, ", "), options))
	case !all && len(missing) > 0:
		statements = append(statements, fmt.Sprintf("ALTER PUBLICATION %s ADD TABLE %s", publication, strings.Join(missing, ", ")))
	}
	if exists && !complete {
		statements = append(statements, fmt.Sprintf("ALTER PUBLICATION %s SET (%s)", publication, options))
	}
	for _, sql := range statements {
		if err := p.execute(ctx, sql); err != nil {
			return fmt.Errorf("publish the tables: %w", err)
		}
	}
	return nil
}

// execute turns a lack of rights into advice: the statement, for somebody who has them.
func (p *preparation) execute(ctx context.Context, sql string) error {
	_, err := p.conn.Exec(ctx, sql)
	if codeOf(err) == codeNotPermitted {
		return &UnavailableError{
			Shard: p.shard, Reason: NotPermitted, Err: err, SQL: sql,
			Problem: fmt.Sprintf("user %s may not prepare it", p.facts.user),
			Fix:     fmt.Sprintf("let the owner of the tables run %q in database %s", sql, p.facts.name),
		}
	}
	return err
}

// findTables gives each table its number, and says which cannot be followed to the end.
func (p *preparation) findTables(ctx context.Context) error {
	p.plan.tables = map[uint32]int{}
	rows, err := p.conn.Query(ctx, identitySQL, tableNames(p.tables))
	if err != nil {
		return fmt.Errorf("look for the tables: %w", err)
	}
	var place int
	var oid *uint32
	var isTable bool
	var identity []string
	_, err = pgx.ForEachRow(rows, []any{&place, &oid, &isTable, &identity}, func() error {
		t := p.tables[place-1]
		switch {
		case oid == nil:
			p.advise(Advice{Kind: NoTable, Table: t.Name}, "there is no table %s, so nothing is known of its rows", t.Name)
			return nil
		case !isTable:
			p.advise(Advice{Kind: NotATable, Table: t.Name}, "%s is no table but a view or the like, so nothing is known of its rows; let their TTL be short", t.Name)
			return nil
		}
		p.plan.tables[*oid] = place - 1
		var lacks []string
		for _, c := range t.Columns {
			if !slices.Contains(identity, c) {
				lacks = append(lacks, c)
			}
		}
		if len(lacks) > 0 {
			p.advise(Advice{Kind: OldValues, Table: t.Name, Columns: lacks}, "updates and deletes in table %s do not tell the old %s; a migration should say ALTER TABLE %s REPLICA IDENTITY FULL",
				t.Name, strings.Join(lacks, ", "), t.Name)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("look for the tables: %w", err)
	}
	return nil
}

func (p *preparation) advise(a Advice, format string, values ...any) {
	a.Text = fmt.Sprintf(format, values...)
	p.plan.advice = append(p.plan.advice, a)
}

// identitySQL gives for each table of $1 its number and the columns that old rows will have.
const identitySQL = `
SELECT t.place::int, c.oid, coalesce(c.relkind IN ('r', 'p'), false), ARRAY(
  SELECT a.attname::text FROM pg_attribute a
  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND (c.relreplident = 'f' OR EXISTS (
    SELECT FROM pg_index i WHERE i.indrelid = c.oid AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1])
    AND (c.relreplident = 'd' AND i.indisprimary OR c.relreplident = 'i' AND i.indisreplident))))
FROM unnest($1::text[]) WITH ORDINALITY t(name, place)
LEFT JOIN pg_class c ON c.oid = to_regclass(t.name)`

func tableNames(tables []Table) []string {
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = t.Name
	}
	return names
}

// fingerprintSQL is a query for a text that changes when one of the tables, or what is published of
// it, does. A row of pg_attribute is written anew by every ALTER COLUMN, also by one that keeps the
// type and changes the values. Of a table in partitions Postgres tells neither which come and go, nor
// when one of them is truncated and gets another file.
func fingerprintSQL(tables []Table) string {
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = quoteLiteral(t.Name)
	}
	return `SELECT md5(string_agg(concat_ws(' ', t.name, c.oid, c.relkind, c.relreplident, pr.oid, (
  SELECT string_agg(concat_ws(' ', a.attnum, a.attname, a.atttypid, a.atttypmod, a.xmin), ',' ORDER BY a.attnum)
  FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
  (SELECT string_agg(concat_ws(' ', l.oid, l.relfilenode), ',' ORDER BY l.oid)
  FROM pg_partition_tree(c.oid) t JOIN pg_class l ON l.oid = t.relid WHERE c.relkind = 'p' AND t.isleaf),
  p.oid, p.puballtables, p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate, p.pubviaroot), ';' ORDER BY t.name))
FROM unnest(ARRAY[` + strings.Join(names, ", ") + `]::text[]) t(name)
LEFT JOIN pg_class c ON c.oid = to_regclass(t.name)
LEFT JOIN pg_publication p ON p.pubname = '` + publication + `'
LEFT JOIN pg_publication_rel pr ON pr.prpubid = p.oid AND pr.prrelid = c.oid`
}

func quoteLiteral(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// readFacts comes after everything that changes what it reads.
func (p *preparation) readFacts(ctx context.Context) error {
	f := &p.facts
	if err := p.conn.QueryRow(ctx, "SELECT oid, ("+fingerprintSQL(p.tables)+") FROM pg_publication WHERE pubname = $1", publication).
		Scan(&f.publication, &f.fingerprint); err != nil {
		return fmt.Errorf("read the publication: %w", err)
	}
	p.plan.fingerprint, p.plan.slot = f.fingerprint, f.slot
	return p.readSlot(ctx)
}

func (p *preparation) readSlot(ctx context.Context) error {
	f := &p.facts
	var pid *int
	var position *string
	var keeps *int64
	err := p.conn.QueryRow(ctx, `SELECT coalesce(plugin, '') <> 'pgoutput' OR coalesce(database, '') <> current_database(),
		coalesce(wal_status, '') = 'lost', active_pid, confirmed_flush_lsn::text,
		(pg_current_wal_lsn() - restart_lsn)::bigint FROM pg_replication_slots WHERE slot_name = $1`, f.slot).
		Scan(&f.slotForeign, &f.slotLost, &pid, &position, &keeps)
	f.slotExists, f.slotActive, f.slotPosition, f.slotKeeps = err == nil, 0, 0, 0
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err == nil && position != nil {
		f.slotPosition, err = ParseLSN(*position)
	}
	if err != nil {
		return fmt.Errorf("look for the slot: %w", err)
	}
	if pid != nil {
		f.slotActive = *pid
	}
	if keeps != nil {
		f.slotKeeps = *keeps
	}
	if f.slotForeign {
		return fmt.Errorf("the slot %s is not for this feed: it has another plugin or database; drop or rename what made it", f.slot)
	}
	return nil
}

// identifySystem asks a replication connection which server this is.
func identifySystem(ctx context.Context, c *pgconn.PgConn) (system string, timeline int, err error) {
	results, err := c.Exec(ctx, "IDENTIFY_SYSTEM").ReadAll()
	if err == nil && (len(results) != 1 || len(results[0].Rows) != 1 || len(results[0].Rows[0]) < 2) {
		err = errors.New("it gave no row")
	}
	if err == nil {
		row := results[0].Rows[0]
		system = string(row[0])
		_, err = fmt.Sscan(string(row[1]), &timeline)
	}
	if err != nil {
		return "", 0, fmt.Errorf("ask which server it is: %w", err)
	}
	return system, timeline, nil
}
