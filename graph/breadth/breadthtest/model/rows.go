package model

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Thing is the union.
type Thing interface{ IsThing() }

// Node is what has an id.
type Node interface{ IsNode() }

// Named is what has a name.
type Named interface{ IsNamed() }

// Kept is what has an owner, unrelated to Owned.
type Kept interface{ IsKept() }

// Owned is a node that has an owner.
type Owned interface {
	Node
	IsOwned()
}

// Person has fields of every kind.
type Person struct {
	N int

	Name      *string
	Age       *int32
	Email     *string // the schema forbids null, the row does not
	Balance   Decimal
	Tip       *Decimal
	Born      time.Time
	Joined    time.Time
	Score     float64
	Height    *float64
	Share     Ratio
	Part      *Ratio
	Photo     Blob
	Key       Blob
	Secret    *string
	Loud      string
	Extra     any
	Steps     int64
	Mood      Mood
	MoodOrNot *Mood
	Moods     []Mood
	SomeMoods []*Mood
	Phase     Phase
	Phases    []Phase
	Active    bool
	Tags      []string
	Nicknames []*string
	Codes     *[]string
	Grid      [][]int32
	Sparse    [][]*int32
	Times     []time.Time
	Home      *Place
	Address   Address
	Addresses []Address
	Shelf     [][]*Address
}

// IsThing makes it a Thing.
func (*Person) IsThing() {}

// IsNode makes it a Node.
func (*Person) IsNode() {}

// IsNamed makes it Named.
func (*Person) IsNamed() {}

// ID is the GraphQL id.
func (p *Person) ID() string { return strconv.Itoa(p.N) }

// Title has an argument.
func (p *Person) Title(upper bool) *string { return title(p.Name, upper) }

// Salute has an argument for robots only.
func (p *Person) Salute() *string { return p.Name }

// OldAddress is nil for some.
func (p *Person) OldAddress() *Address {
	if p.N%3 == 0 {
		return nil
	}
	return &Address{Street: "Old Street " + strconv.Itoa(p.N)}
}

// Risky fails for some, and panics for others.
func (p *Person) Risky() (*string, error) {
	switch p.N % 5 {
	case 0:
		return nil, fmt.Errorf("risky failed for %d", p.N)
	case 1:
		panic("risky panics")
	case 2:
		return nil, nil
	}
	s := "went well"
	return &s, nil
}

// RiskyMust fails for some.
func (p *Person) RiskyMust() (string, error) {
	if p.N%7 == 3 {
		return "", errors.New("riskyMust failed")
	}
	return "went well", nil
}

// Known is null for some.
func (p *Person) Known() (string, bool) { return "known", p.N%2 == 0 }

// Greet has arguments.
func (p *Person) Greet(greeting string, times *int32) string {
	n := 1
	if times != nil {
		n = int(*times) % 4
	}
	return strings.Repeat(greeting+" ", max(n, 0)) + p.ID()
}

// InContext takes a context.
func (p *Person) InContext(ctx context.Context) (*string, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return p.Name, nil
}

// InContextMust panics for some.
func (p *Person) InContextMust(context.Context) (string, error) {
	if p.N%11 == 4 {
		panic(fmt.Sprintf("inContextMust panics for %d", p.N))
	}
	return "fine", nil
}

// Robot is held by pointer, too.
type Robot struct {
	N     int
	Label string
	Parts []Part
}

// IsThing makes it a Thing.
func (*Robot) IsThing() {}

// IsNode makes it a Node.
func (*Robot) IsNode() {}

// IsNamed makes it Named.
func (*Robot) IsNamed() {}

// IsOwned makes it Owned.
func (*Robot) IsOwned() {}

// IsKept makes it Kept.
func (*Robot) IsKept() {}

// ID is the GraphQL id.
func (r *Robot) ID() string { return "r" + strconv.Itoa(r.N) }

// Salute has an argument for robots only.
func (r *Robot) Salute(word string) *string { return &word }

// Name is never null.
func (r *Robot) Name() string { return "Robot " + strconv.Itoa(r.N) }

// Title has an argument.
func (r *Robot) Title(upper bool, suffix *string) *string {
	name := r.Name()
	if suffix != nil {
		name += *suffix
	}
	return title(&name, upper)
}

// Plant is held by value, and implements the interfaces by value.
type Plant struct {
	N     int
	Label *string
	Mood  *string
}

// IsThing makes it a Thing.
func (Plant) IsThing() {}

// IsNode makes it a Node.
func (Plant) IsNode() {}

// IsOwned makes it Owned.
func (Plant) IsOwned() {}

// IsKept makes it Kept.
func (Plant) IsKept() {}

// ID is the GraphQL id.
func (p Plant) ID() string { return "p" + strconv.Itoa(p.N) }

// Place has no id.
type Place struct {
	N      int
	Name   *string
	Size   float64
	Broken bool // its cursors panic
}

// IsThing makes it a Thing.
func (*Place) IsThing() {}

// IsNamed makes it Named.
func (*Place) IsNamed() {}

// Salute has an argument for robots only.
func (p *Place) Salute() *string { return p.Name }

// Title has an argument.
func (p *Place) Title(upper bool) *string { return title(p.Name, upper) }

// Address has plain fields only.
type Address struct {
	Street string
	Zip    *string
}

// Part leads back to an abstract type that the row holds.
type Part struct {
	Name string
	Of   Thing
}

// VisitConnection computes its edges when they are asked for.
type VisitConnection struct {
	Nodes []*Place
	More  bool
}

// Edges are made when they are asked for.
func (c *VisitConnection) Edges() []*VisitEdge {
	edges := make([]*VisitEdge, len(c.Nodes))
	for i, n := range c.Nodes {
		edges[i] = &VisitEdge{Node: n}
	}
	return edges
}

// PageInfo is held by value.
func (c *VisitConnection) PageInfo() PageInfo { return PageInfo{c} }

// VisitEdge leads to a place.
type VisitEdge struct{ Node *Place }

// Cursor panics for broken places.
func (e *VisitEdge) Cursor() string {
	if e.Node.Broken {
		panic("broken")
	}
	return "c" + strconv.Itoa(e.Node.N)
}

// PageInfo looks at its connection.
type PageInfo struct{ of *VisitConnection }

// HasNextPage reports whether there is more.
func (p PageInfo) HasNextPage() bool { return p.of.More }

// EndCursor is null for an empty page.
func (p PageInfo) EndCursor() *string {
	if len(p.of.Nodes) == 0 {
		return nil
	}
	c := "c" + strconv.Itoa(p.of.Nodes[len(p.of.Nodes)-1].N)
	return &c
}

// Log is what the mutations of an operation have done so far.
type Log struct{ Entries []int32 }

func title(name *string, upper bool) *string {
	if name == nil || !upper {
		return name
	}
	s := strings.ToUpper(*name)
	return &s
}
