package store

import (
	"context"
	"encoding/binary"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// A Statement is a SQL text that every connection prepares once, under a short name.
type Statement struct {
	name string
	SQL  string
	// formats of the result's columns: 1 binary, 0 text.
	formats []int16
}

// numbered counts the statements of the process, so that each has a name of its own on every
// connection. It only ever counts up.
var numbered atomic.Int64

func newStatement(sql string, formats []int16) *Statement {
	return &Statement{name: "b" + strconv.FormatInt(numbered.Add(1), 36), SQL: sql, formats: formats}
}

// statements keeps the statements that were made of one template.
type statements[K comparable] = kept[K, *Statement]

// kept keeps what was made for keys.
type kept[K comparable, S any] struct {
	mu    sync.RWMutex
	known map[K]S
}

// get is the statement of a key; build makes it where there is none.
func (s *kept[K, S]) get(key K, build func() S) S {
	s.mu.RLock()
	known, ok := s.known[key]
	s.mu.RUnlock()
	if ok {
		return known
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.known[key]; !ok {
		if s.known == nil {
			s.known = map[K]S{}
		}
		s.known[key] = build()
	}
	return s.known[key]
}

// full says that there is no room for another statement that somebody's choice of columns makes.
func (s *kept[K, S]) full(key K) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, ok := s.known[key]
	return len(s.known) >= maxNarrow && !ok
}

// A Query is one batch on its way: the parts that the shards answer, each on its own. [Store.Run]
// fills in what became of them. A part that failed says so in its Err, and the other parts are
// whole: a dead shard costs only the keys that live there.
type Query struct {
	// Loader names the batch in metrics, traces and the development extension.
	Loader string
	// Keys is the number of keys asked for, 0 for a list without keys.
	Keys int
	// Kind is that of the rows, 0 if they are of no type.
	Kind  Kind
	Parts []Part
	// Context is the batch's, below which its statements stand in a trace; nil means that of Run.
	// Only Run's can end the query.
	Context context.Context

	// rest is asked when all parts have ended: what must be asked once more, in parts of their own. It is
	// asked again after these.
	rest  func() []Part
	ran   int  // parts that have ended
	below Kind // of the children that come with the rows, 0 if there are none
}

// Err is the first error of the parts, nil if all are whole.
func (q *Query) Err() error {
	for i := range q.Parts {
		if err := q.Parts[i].Err; err != nil {
			return err
		}
	}
	return nil
}

// A Part is one statement on one shard.
type Part struct {
	Shard     int
	Statement *Statement
	Params    []Param
	// Row is called for each row, in order, from one goroutine. The values are only valid inside.
	Row func(values [][]byte)

	// again is asked after the last row: whether the part, which it may have changed, must run again.
	again func(p *Part) bool
	// instead changes a part whose statement Postgres refused, which then runs again.
	instead func(p *Part)

	// Set by Run.
	Rows int
	Took time.Duration // from sending until the last row; waiting behind the pipeline included
	Err  error
}

// A Param is an encoded parameter; Format is 1 for binary and 0 for text. A nil Value is NULL.
type Param struct {
	Value  []byte
	Format int16
}

func textParam(s string) Param { return Param{Value: []byte(s)} }
func idsParam(ids []ID) Param  { return Param{Value: idArray(ids), Format: 1} }

// keysParam is what statements compare with that know whether there is one key or more.
func keysParam(ids []ID) Param {
	if len(ids) != 1 {
		return idsParam(ids)
	}
	return Param{Value: binary.BigEndian.AppendUint64(nil, uint64(ids[0])), Format: 1} //nolint:gosec // two's complement on the wire
}

func idParam(id ID) Param        { return textParam(strconv.FormatInt(int64(id), 10)) }
func limitParam(limit int) Param { return textParam(strconv.Itoa(limit)) }
