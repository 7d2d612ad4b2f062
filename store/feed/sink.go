package feed

import (
	"context"
	"strconv"
	"time"
)

// Sink takes the changes of the shards, such as a cache that drops what they make stale. Calls for
// one shard come one after the other, those for different shards at the same time. After a takeover
// the call of the reader before may still run beside the first of its successor.
type Sink interface {
	// Apply takes changes in the order of their commits; new statements on the shard see them (those
	// on replicas may not). The shard forgets them once Apply has
	// returned nil; after an error, or when its context ends, they come again, perhaps in other
	// batches and to another process. So Apply must do no harm when it is given a change twice.
	// The batch and all that is in it is valid until Apply returns.
	Apply(ctx context.Context, shard string, batch Batch) error
	// Flush says that changes of the shard may have been lost, and why: whatever was derived from
	// its rows must be forgotten, and so must what is being derived from them at the moment (leases
	// for fills). It is called until it returns nil; no change is applied before that.
	Flush(ctx context.Context, shard string, reason string) error
}

// Batch holds changes of one or several committed transactions. A large transaction comes in
// several batches.
type Batch struct {
	Changes []Change
	// Oldest and Newest are when the first and the last of the transactions were committed, by the
	// shard's clock.
	Oldest, Newest time.Time
	// LSN is where the last transaction that is in the batch to its end ends in the shard's WAL; it
	// is 0 if the batch lies within one transaction. The shard may forget what is before it.
	LSN LSN
}

// Op is what happened to a row or a table.
type Op uint8

// The operations.
const (
	Insert   Op = iota + 1 // New is the row
	Update                 // Old is the row before, New the row after
	Delete                 // Old is the row
	Truncate               // all rows of Table are gone; neither Old nor New
)

func (o Op) String() string {
	switch o {
	case Insert:
		return "insert"
	case Update:
		return "update"
	case Delete:
		return "delete"
	case Truncate:
		return "truncate"
	default:
		return "op " + strconv.Itoa(int(o))
	}
}

// Change is one row that was written, or one table that was truncated.
type Change struct {
	// Table is its index in [Config.Tables].
	Table int
	Op    Op
	// Old and New have a value for each of the table's columns that were asked for, in that order.
	Old, New Row
}

// Row is what is known of a row.
type Row []Value

// Value is what is known of a column. The zero Value is not known at all.
type Value struct {
	kind   valueKind
	number int64
	text   string
}

type valueKind uint8

const (
	unknown valueKind = iota
	null
	number
	text
)

// Known says whether the shard told the value. In an old row it does not tell the columns outside
// the table's replica identity, in a new one it does not tell a large value that did not change;
// who needs the value to know what to forget must then forget all that it could be.
func (v Value) Known() bool { return v.kind != unknown }

// IsNull says whether the value is known to be NULL.
func (v Value) IsNull() bool { return v.kind == null }

// Int is the value of a column of type smallint, integer or bigint; false if it is NULL, not known
// or of another type.
func (v Value) Int() (int64, bool) { return v.number, v.kind == number }

// Text is the value as Postgres writes it; false if it is NULL or not known.
func (v Value) Text() (string, bool) {
	if v.kind == number {
		return strconv.FormatInt(v.number, 10), true
	}
	return v.text, v.kind == text
}

func (v Value) String() string {
	switch v.kind {
	case unknown:
		return "?"
	case null:
		return "NULL"
	default:
		s, _ := v.Text()
		return s
	}
}
