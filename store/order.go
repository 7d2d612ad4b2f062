package store

import (
	"cmp"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// An Order is one way to sort a list: by a column that is never NULL, then by id, both in the same
// direction. So every row has exactly one place, and a cursor can name it.
type Order[T any] struct {
	// Name is the value of the GraphQL enum.
	Name string
	// Column is "" where the list is sorted by id alone.
	Column string
	Desc   bool

	value   func(row *T) string     // the column in Postgres' text form, for cursors
	compare func(a, b *T) int       // by the column, ascending
	valid   func(value string) bool // whether a cursor's value can be one of the column's
}

// Direction of an order.
const (
	ascending  = false
	descending = true
)

func orderByID[T any](name string, desc bool) *Order[T] {
	return &Order[T]{
		Name: name, Desc: desc,
		value:   func(*T) string { return "" },
		compare: func(_, _ *T) int { return 0 },
		valid:   func(v string) bool { return v == "" },
	}
}

func orderByString[T any](name, column string, desc bool, get func(*T) string) *Order[T] {
	return &Order[T]{
		Name: name, Column: column, Desc: desc,
		value:   get,
		compare: func(a, b *T) int { return strings.Compare(get(a), get(b)) }, // as COLLATE "C"
		valid:   func(v string) bool { return utf8.ValidString(v) && !strings.Contains(v, "\x00") },
	}
}

func orderByInt[T any](name, column string, desc bool, get func(*T) int32) *Order[T] {
	return &Order[T]{
		Name: name, Column: column, Desc: desc,
		value:   func(r *T) string { return strconv.Itoa(int(get(r))) },
		compare: func(a, b *T) int { return cmp.Compare(get(a), get(b)) },
		valid:   func(v string) bool { _, err := strconv.ParseInt(v, 10, 32); return err == nil },
	}
}

func orderByFloat[T any](name, column string, desc bool, get func(*T) float64) *Order[T] {
	return &Order[T]{
		Name: name, Column: column, Desc: desc,
		value:   func(r *T) string { return strconv.FormatFloat(get(r), 'g', -1, 64) },
		compare: func(a, b *T) int { return compareFloats(get(a), get(b)) },
		valid: func(v string) bool {
			f, err := strconv.ParseFloat(v, 64)
			return err == nil && strconv.FormatFloat(f, 'g', -1, 64) == v
		},
	}
}

// compareFloats sorts NaN last, as Postgres does.
func compareFloats(a, b float64) int {
	switch {
	case math.IsNaN(a) && math.IsNaN(b):
		return 0
	case math.IsNaN(a):
		return 1
	case math.IsNaN(b):
		return -1
	default:
		return cmp.Compare(a, b)
	}
}

// isStorable says that a time has a text that Postgres reads as the same time: a year of four
// digits that is not 0, which does not exist there.
func isStorable(t time.Time) bool {
	year := t.UTC().Year()
	return year >= 1 && year <= 9999
}

func orderByTime[T any](name, column string, desc bool, get func(*T) time.Time) *Order[T] {
	return &Order[T]{
		Name: name, Column: column, Desc: desc,
		value:   func(r *T) string { return get(r).Format(time.RFC3339Nano) },
		compare: func(a, b *T) int { return get(a).Compare(get(b)) },
		valid: func(v string) bool {
			t, err := time.Parse(time.RFC3339Nano, v)
			return err == nil && isStorable(t) && t.UTC().Format(time.RFC3339Nano) == v
		},
	}
}

func orderByDecimal[T any](name, column string, desc bool, get func(*T) Decimal) *Order[T] {
	return &Order[T]{
		Name: name, Column: column, Desc: desc,
		value:   func(r *T) string { return string(get(r)) },
		compare: func(a, b *T) int { return get(a).Compare(get(b)) },
		valid:   func(v string) bool { _, err := ParseDecimal(v); return err == nil },
	}
}
