package breadth

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
)

// Sink takes what goes wrong while leaf values are written. A first, fast pass only needs to know
// that something did; then the answer is written again, carefully, leaf by leaf.
type Sink struct {
	ctx     context.Context
	bad     bool
	careful bool
	index   []int // place inside a list value
	found   []leafError
}

// leafError is an execution error inside a leaf value.
type leafError struct {
	index  []int
	err    error              // of the value's marshaler
	source graphql.NullSource // err == nil: a null that the schema forbids; "": what the field holds
}

func (s *Sink) report(e leafError) {
	s.bad = true
	if s.careful {
		e.index = append([]int(nil), s.index...)
		s.found = append(s.found, e)
	}
}

// Context is that of the execution, for marshalers that want one.
func (s *Sink) Context() context.Context { return s.ctx }

// Fail writes null in place of a value that err kept from being written (CoerceResult failed).
func (s *Sink) Fail(b []byte, err error) []byte {
	s.report(leafError{err: err})
	return append(b, "null"...)
}

// Null writes a null that the schema forbids.
func (s *Sink) Null(b []byte) []byte {
	s.report(leafError{})
	return append(b, "null"...)
}

// NoNull checks what a marshaler wrote from at for a non-null type.
func (s *Sink) NoNull(b []byte, at int) []byte {
	if isNull(b, at) {
		s.report(leafError{source: graphql.NullSourceMarshaler})
	}
	return b
}

func isNull(b []byte, at int) bool { return len(b)-at == 4 && string(b[at:]) == "null" }
