package seed

import (
	"fmt"
	"strings"

	"backline/store/shard"
)

// Report says what a seed has loaded.
type Report struct {
	// Tables holds every table of a seed, in the order of loading.
	Tables []TableReport
	// Already names the shards that an earlier, interrupted run of the same seed had filled.
	Already []shard.Name
}

// TableReport is one table's part of a Report.
type TableReport struct {
	Table Table
	// Rows is how many there are over all shards; rows of reference tables count once.
	Rows int64
}

// Rows is the number of rows of all tables together.
func (r Report) Rows() int64 {
	var n int64
	for _, t := range r.Tables {
		n += t.Rows
	}
	return n
}

// Of is the number of rows of one table.
func (r Report) Of(t Table) int64 {
	for _, row := range r.Tables {
		if row.Table == t {
			return row.Rows
		}
	}
	return 0
}

// String lists the tables with their rows, for a log line: "genre 25, media_type 5, …".
func (r Report) String() string {
	parts := make([]string, len(r.Tables))
	for i, t := range r.Tables {
		parts[i] = fmt.Sprintf("%s %d", t.Table, t.Rows)
	}
	return strings.Join(parts, ", ")
}
