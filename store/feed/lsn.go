package feed

import (
	"fmt"
	"strconv"
	"strings"
)

// LSN is a place in the WAL of a shard, in bytes since its beginning. Places of different shards,
// and of a shard before and after a failover, cannot be compared.
type LSN uint64

// String is the form that Postgres writes: 16/B374D848.
func (l LSN) String() string { return fmt.Sprintf("%X/%X", uint32(l>>32), uint32(l)) } //nolint:gosec // the two halves

// ParseLSN reads the form that Postgres writes.
func ParseLSN(s string) (LSN, error) {
	high, low, ok := strings.Cut(s, "/")
	h, err := strconv.ParseUint(high, 16, 32)
	if err == nil && ok {
		var l uint64
		if l, err = strconv.ParseUint(low, 16, 32); err == nil {
			return LSN(h<<32 | l), nil
		}
	}
	return 0, fmt.Errorf("%q is no place in a WAL; one looks like 16/B374D848", s)
}
