package feed

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Reason is why a shard can have no feed.
type Reason string

// The reasons.
const (
	// NotLogical: wal_level is not logical; it takes a restart of Postgres to change it.
	NotLogical Reason = "wal_level"
	// NotPermitted: the user may not replicate, or may not make the publication, the table
	// feed_state or the slot.
	NotPermitted Reason = "permission"
	// NoneLeft: all replication slots or all WAL senders are in use.
	NoneLeft Reason = "none_left"
	// TooOld: Postgres is older than version 13.
	TooOld Reason = "version"
)

// UnavailableError says that a shard can have no feed until somebody changes something there, and
// what. Caches of its rows can be right by their time to live alone. The feed looks again by itself.
type UnavailableError struct {
	Shard  string
	Reason Reason
	// Problem and Fix are sentences for operators; they name users and settings, and no secrets.
	Problem, Fix string
	// SQL is a statement that is needed and that the user may not run, "" if it is not about one.
	SQL string
	// Err may be nil.
	Err error
}

func (e *UnavailableError) Error() string {
	s := fmt.Sprintf("shard %s has no change feed, so its caches are kept right by their TTL alone: %s; %s", e.Shard, e.Problem, e.Fix)
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *UnavailableError) Unwrap() error { return e.Err }

// unavailable says what to do about errors that come again until somebody does it.
func unavailable(shard, user string, err error) error {
	e := &UnavailableError{Shard: shard, Err: err}
	switch codeOf(err) {
	case codeNotPermitted, codeNotAuthorized:
		e.Reason = NotPermitted
		e.Problem = fmt.Sprintf("user %s may not read the WAL", user)
		e.Fix = fmt.Sprintf("say ALTER ROLE %s REPLICATION (on RDS: GRANT rds_replication TO %[1]s), and let pg_hba.conf admit it", pgx.Identifier{user}.Sanitize())
	case codeNoSlotLeft, codeNoSenderLeft:
		e.Reason, e.Problem, e.Fix = NoneLeft, "all of its replication slots or WAL senders are in use",
			"drop those that nobody reads (pg_replication_slots), or raise max_replication_slots and max_wal_senders"
	default:
		return err
	}
	return e
}

// The codes of Postgres' errors that decide what happens next.
const (
	codeNotPermitted    = "42501"
	codeUndefinedTable  = "42P01"
	codeUndefinedColumn = "42703"
	codeNotAuthorized   = "28000" // pg_hba.conf
	codeNoSlotLeft      = "53400"
	codeNoSenderLeft    = "53300"
	codeUndefinedObject = "42704"
	codeInUse           = "55006"
)

func codeOf(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}
