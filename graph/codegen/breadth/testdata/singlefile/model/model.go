// Package model binds the schema's types in unusual ways.
package model

import "errors"

type Holder struct {
	Names  *[]string
	Others *[]*Holder
	Boxes  []Box
	Box    Box
	Shapes []Shape
	Nick   string
}

func (h *Holder) HasNick() bool           { return h.Nick != "" }
func (h *Holder) GetNick() string         { return h.Nick }
func (h *Holder) Computed(of int) int     { return of }
func (h *Holder) Maybe() (Box, bool)      { return h.Box, len(h.Boxes) > 0 }
func (h *Holder) Failing() ([]Box, error) { return nil, errors.New("fails") }

type Box struct {
	Width  int
	Height *int
}

type Shape interface{ Area() float64 }

type In struct{ A *int }
