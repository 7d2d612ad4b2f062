// Package model holds the rows of the executor's test schema.
package model

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Decimal appends itself.
type Decimal string

// AppendJSON appends the decimal as a JSON string.
func (d Decimal) AppendJSON(b []byte) []byte { return strconv.AppendQuote(b, string(d)) }

// MarshalGQL is how gqlgen writes it.
func (d Decimal) MarshalGQL(w io.Writer) { _, _ = w.Write(d.AppendJSON(nil)) }

// UnmarshalGQL takes a string.
func (d *Decimal) UnmarshalGQL(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("a decimal is a string, not %T", v)
	}
	*d = Decimal(s)
	return nil
}

// Ratio has a context marshaler, which refuses ratios above one.
type Ratio float64

// MarshalGQLContext refuses ratios above one.
func (r Ratio) MarshalGQLContext(_ context.Context, w io.Writer) error {
	if r > 1 {
		return errors.New("ratio above one")
	}
	_, err := fmt.Fprintf(w, "%.3f", float64(r))
	return err
}

// UnmarshalGQLContext takes a float.
func (r *Ratio) UnmarshalGQLContext(_ context.Context, v any) error {
	f, ok := v.(float64)
	if !ok {
		return fmt.Errorf("a ratio is a float, not %T", v)
	}
	*r = Ratio(f)
	return nil
}

// Blob is a slice that is one value.
type Blob []byte

// MarshalGQL is how gqlgen writes it.
func (b Blob) MarshalGQL(w io.Writer) { _, _ = fmt.Fprintf(w, "%q", fmt.Sprintf("%x", []byte(b))) }

// UnmarshalGQL takes a string.
func (b *Blob) UnmarshalGQL(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("a blob is a string, not %T", v)
	}
	*b = Blob(s)
	return nil
}

// Phase is an enum of Go constants.
type Phase int

// The phases; zero is none of them.
const (
	PhaseNew Phase = iota + 1
	PhaseFull
)
