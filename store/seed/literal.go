package seed

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgtype"
)

// field is a column of a script's row being read: what it is called in messages, and its value. Its
// methods read the value as a type, or note the first error of the row.
type field struct {
	column string
	value  value
	err    *error
}

func (f field) fail(format string, args ...any) {
	if *f.err == nil {
		*f.err = errorAt(f.value.line, "column "+f.column+": "+format, args...)
	}
}

// integer reads a whole number from least to the largest INT.
func (f field) integer(least int64) int64 {
	if f.value.null {
		f.fail("NULL where a number is needed")
		return 0
	}
	n, err := strconv.ParseInt(f.value.text, 10, 64)
	if f.value.kind != tokenNumber || err != nil {
		f.fail("%s is not a whole number", f.signed())
		return 0
	}
	if f.value.negative {
		n = -n
	}
	if n < least || n > math.MaxInt32 {
		f.fail("%s is not between %d and %d", f.signed(), least, math.MaxInt32)
		return 0
	}
	return n
}

func (f field) int32(least int64) int32 { return int32(f.integer(least)) }

func (f field) nullInt32(least int64) pgtype.Int4 {
	if f.value.null {
		return pgtype.Int4{}
	}
	return pgtype.Int4{Int32: f.int32(least), Valid: true}
}

// key reads a primary key, or a reference to one.
func (f field) key() int64 { return f.integer(1) }

// nullKey reads a reference that may be NULL, which is 0.
func (f field) nullKey() int64 {
	if f.value.null {
		return 0
	}
	return f.key()
}

// signed is the value as the script has it.
func (f field) signed() string {
	if f.value.negative {
		return "-" + f.value.token.String()
	}
	return f.value.token.String()
}

// maxCents is the largest numeric(10,2).
const maxCents = 9_999_999_999

// money reads an amount with up to two decimals; only a total may be negative.
func (f field) money(negative bool) cents {
	if f.value.null {
		f.fail("NULL where an amount is needed")
		return 0
	}
	whole, fraction, _ := strings.Cut(f.value.text, ".")
	fraction = strings.TrimRight(fraction, "0")
	n, err := strconv.ParseInt(whole+(fraction + "00")[:max(2, len(fraction))], 10, 64)
	switch {
	case f.value.kind != tokenNumber || err != nil:
		f.fail("%s is not an amount such as 0.99", f.signed())
	case len(fraction) > 2:
		f.fail("%s has more than two decimals", f.signed())
	case n > maxCents:
		f.fail("%s is more than 99999999.99", f.signed())
	case f.value.negative && n > 0 && !negative:
		f.fail("%s is negative", f.signed())
	case f.value.negative:
		return cents(-n)
	default:
		return cents(n)
	}
	return 0
}

// text reads a text of up to most characters.
func (f field) text(most int) string {
	if f.value.null {
		f.fail("NULL where a text is needed")
		return ""
	}
	return f.nullText(most).String
}

func (f field) nullText(most int) pgtype.Text {
	switch {
	case f.value.null:
		return pgtype.Text{}
	case f.value.kind != tokenString:
		f.fail("%s is not a text in single quotes", f.signed())
	case utf8.RuneCountInString(f.value.text) > most:
		f.fail("%s is longer than %d characters", f.value.token, most)
	}
	return pgtype.Text{String: f.value.text, Valid: true}
}

// timeLayouts are the ways in which editions of the script write a time, which is in UTC.
var timeLayouts = []string{
	"2006/1/2", "2006/1/2 15:04:05", "2006-1-2", "2006-1-2 15:04:05", "2006-1-2T15:04:05",
}

func (f field) time() pgtype.Timestamptz {
	t := f.nullTime()
	if f.value.null {
		f.fail("NULL where a time is needed")
	}
	return t
}

func (f field) nullTime() pgtype.Timestamptz {
	if f.value.null {
		return pgtype.Timestamptz{}
	}
	if f.value.kind == tokenString {
		for _, layout := range timeLayouts {
			if t, err := time.Parse(layout, f.value.text); err == nil {
				return pgtype.Timestamptz{Time: t, Valid: true}
			}
		}
	}
	f.fail("%s is not a time such as '2021/1/31' or '2021-01-31 14:05:00'", f.signed())
	return pgtype.Timestamptz{}
}
