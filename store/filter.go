package store

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A Filter is a generated input type. A nil one filters nothing.
type Filter interface {
	conditions() conditions
}

// conditions are what a filter asks for: SQL over the table alias t with ? for each value. Equal
// SQL means one prepared statement, whatever the values.
type conditions struct {
	sql    []string
	text   string // all of sql
	values []string
	bounds []bound
	err    error
}

// bound remembers the lower and upper limits of a column, to find filters that nothing can pass.
type bound struct {
	column, field string
	lower, upper  any
}

func (c *conditions) add(sql string, values ...string) {
	c.sql = append(c.sql, sql)
	c.text += sql + "\x00"
	c.values = append(c.values, values...)
}

// key is equal for equal filters.
func (c *conditions) key() string {
	if len(c.sql) == 0 {
		return ""
	}
	b := strings.Builder{}
	b.WriteString(c.text)
	for _, v := range c.values {
		b.WriteString(strconv.Quote(v))
	}
	return b.String()
}

// scalar are the types of a filter's fields.
type scalar interface {
	string | int32 | float64 | bool | Decimal | time.Time
}

// compare adds `column op value` where the field is given. op is =, <, <=, > or >=.
func compare[T scalar](c *conditions, field, column, op string, v *T) {
	if v == nil {
		return
	}
	switch v := any(*v).(type) {
	case string:
		if !c.readable(field, v) {
			return
		}
	case time.Time:
		if !isStorable(v) {
			c.fail(BadInput("%s must be in the years 1 to 9999", field))
			return
		}
	}
	c.add(column+" "+op+" ?", scalarText(*v))
	c.bound(field, column, op, *v)
}

// startsWith adds a prefix match that an index on the column (COLLATE "C") can serve.
func startsWith(c *conditions, field, column string, v *string) {
	if v == nil {
		return
	}
	if !c.readable(field, *v) {
		return
	}
	// Every text with the prefix sorts at or after it, and before the prefix with the last
	// character of Unicode behind it.
	c.add(column+" >= ? AND "+column+" < ?", *v, *v+"\U0010FFFF")
}

// refersTo adds `column = id` where the field is given, which must be the ID of kind.
func refersTo(c *conditions, field, column string, kind Kind, v *NodeID) {
	if v == nil {
		return
	}
	id, err := v.As(kind)
	if err != nil {
		c.fail(BadInput("%s: %s", field, err))
		return
	}
	c.add(column+" = ?", strconv.FormatInt(int64(id), 10))
}

// readable says whether Postgres can read a text at all.
func (c *conditions) readable(field, v string) bool {
	switch {
	case strings.Contains(v, "\x00"):
		c.fail(BadInput("%s must not contain the character U+0000", field))
	case !utf8.ValidString(v):
		c.fail(BadInput("%s must be UTF-8", field))
	default:
		return true
	}
	return false
}

func (c *conditions) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

func scalarText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int32:
		return strconv.Itoa(int(v))
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	case Decimal:
		return string(v)
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	default:
		return ""
	}
}

// bound reports limits that contradict each other: everyone who sends them made a mistake.
func (c *conditions) bound(field, column, op string, v any) {
	b := bound{column: column, field: field}
	switch op[0] {
	case '>':
		b.lower = v
	case '<':
		b.upper = v
	default:
		return
	}
	for _, o := range c.bounds {
		if o.column != column {
			continue
		}
		low, high := b, o
		if b.upper != nil {
			low, high = o, b
		}
		if low.lower != nil && high.upper != nil && scalarLess(high.upper, low.lower) {
			c.fail(BadInput("%s lies after %s, so no row can match", low.field, high.field))
		}
	}
	c.bounds = append(c.bounds, b)
}

func scalarLess(a, b any) bool {
	switch a := a.(type) {
	case string:
		return a < b.(string)
	case int32:
		return a < b.(int32)
	case float64:
		return a < b.(float64)
	case Decimal:
		return a.Compare(b.(Decimal)) < 0
	case time.Time:
		return a.Before(b.(time.Time))
	default:
		return false
	}
}
