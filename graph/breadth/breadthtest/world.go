package breadthtest

import (
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"strconv"
	"time"

	"backline/graph/breadth/breadthtest/model"
)

// World is the data: everything about an object follows from its number.
type World struct {
	Size int
	// Before is called by some resolvers, with their name; nil: nothing is.
	Before func(ctx context.Context, resolver string) error
	// Robots and Places stand in for those that follow from their numbers.
	Robots map[int]*model.Robot
	Places map[int]*model.Place

	ring []*model.Person // all persons, twice
}

// NewWorld makes a world of size persons.
func NewWorld(size int) *World {
	w := &World{Size: size}
	for n := range size {
		w.ring = append(w.ring, w.newPerson(n+1))
	}
	w.ring = append(w.ring, w.ring...)
	return w
}

// chance is true for percent of all objects, the same ones every time.
func chance(percent int, about string, n int) bool {
	h := fnv.New32a()
	_, _ = fmt.Fprint(h, about, " ", n)
	return int(h.Sum32()%100) < percent
}

func ptr[T any](v T) *T { return &v }

func maybe[T any](percent int, about string, n int, v T) *T {
	if chance(percent, about, n) {
		return nil
	}
	return &v
}

var names = []string{"Ada", "Bob \"the\" Builder", "Zoë", "\x00\x1f\ttab\r\n", "back\\slash", "bad \xff utf8", "雪", "</script>", ""}

var numbers = []float64{0, 1, 0.5, 19.99, 0.1, -3.25, 1e21, 1e-7, 123456.789, 100, 9999.99, math.MaxFloat64, 5e-324}

var moods = []model.Mood{model.MoodCalm, model.MoodMerry, model.MoodGrim}

// Person is person number n, nil beyond the world.
func (w *World) Person(n int) *model.Person {
	if n < 1 || n > w.Size {
		return nil
	}
	return w.ring[n-1]
}

func (w *World) before(ctx context.Context, resolver string) error {
	if w.Before == nil {
		return nil
	}
	return w.Before(ctx, resolver)
}

func (w *World) newPerson(n int) *model.Person {
	name := names[n%len(names)]
	number := numbers[n%len(numbers)]
	day := time.Date(2020, 1, 1, n%24, 0, 0, n*1000, time.UTC).AddDate(0, 0, n)
	p := &model.Person{
		N: n, Name: maybe(20, "name", n, name), Age: maybe(30, "age", n, int32(n*7-10)),
		Email: maybe(4, "email", n, name+"@example.org"), Balance: model.Decimal(strconv.Itoa(n) + ".50"),
		Tip: maybe(30, "tip", n, model.Decimal("0.10")), Joined: day, Score: number,
		Height: maybe(30, "height", n, number), Share: model.Ratio(1 / float64(n)), Part: maybe(30, "part", n, model.Ratio(0.25)),
		Key: model.Blob(name), Secret: maybe(10, "secret", n, "secret "+name), Loud: "loud " + name,
		Steps: int64(n) * 1_000_000_007 * 97, Mood: moods[n%3], MoodOrNot: maybe(30, "mood", n, moods[n%2]),
		Moods: moods[:n%4], Phase: model.PhaseNew, Active: n%2 == 0, Tags: names[:n%5],
		Address:   model.Address{Street: "Street " + strconv.Itoa(n), Zip: maybe(50, "zip", n, "1000")},
		Grid:      [][]int32{{1, 2}, {}, {int32(n)}},
		Sparse:    [][]*int32{{ptr(int32(1)), nil}, nil, {}},
		SomeMoods: []*model.Mood{&moods[0], nil},
	}
	if n%3 == 0 {
		p.Photo, p.Extra, p.Codes, p.Nicknames = model.Blob{1, 2, byte(n)}, map[string]any{"n": n, "html": "<&>"}, &[]string{"a", "b"}, []*string{nil, &names[0]}
		p.Born, p.Phase, p.Phases = day, model.PhaseFull, []model.Phase{model.PhaseFull, model.PhaseNew}
	}
	if chance(5, "joined", n) {
		p.Joined = time.Time{}
	}
	if chance(5, "key", n) {
		p.Key = nil
	}
	p.Times = []time.Time{day, day.Add(time.Nanosecond)}
	if chance(15, "times", n) {
		p.Times = append(p.Times, time.Time{}, day, time.Time{})
	}
	if !chance(30, "home", n) {
		p.Home = w.Place(n)
	}
	for i := range n % 3 {
		p.Addresses = append(p.Addresses, model.Address{Street: "Street " + strconv.Itoa(i)})
	}
	if n%4 != 0 {
		p.Shelf = [][]*model.Address{nil, {{Street: "first"}, {Street: "second"}}}
		if chance(10, "shelf", n) {
			p.Shelf = append(p.Shelf, []*model.Address{nil})
		}
	}
	return p
}

// Robot is robot number n.
func (w *World) Robot(n int) *model.Robot {
	if r := w.Robots[n]; r != nil {
		return r
	}
	r := &model.Robot{N: n, Label: "robot"}
	for i := range n % 3 {
		part := model.Part{Name: "part " + strconv.Itoa(i)}
		if !chance(30, "part", n+i) {
			part.Of = w.Thing(n + i + 1)
		}
		r.Parts = append(r.Parts, part)
	}
	return r
}

// Plant is plant number n.
func (w *World) Plant(n int) model.Plant {
	return model.Plant{N: n, Label: maybe(20, "label", n, "plant"), Mood: maybe(50, "plant mood", n, "green")}
}

// Place is place number n.
func (w *World) Place(n int) *model.Place {
	if p := w.Places[n]; p != nil {
		return p
	}
	return &model.Place{N: n, Name: maybe(20, "place", n, "Place "+strconv.Itoa(n)), Size: float64(n) / 4}
}

// Thing is thing number n.
func (w *World) Thing(n int) model.Thing {
	switch n % 4 {
	case 0:
		return w.Robot(n)
	case 1:
		return w.Plant(n)
	case 2:
		return w.Place(n)
	}
	return w.person(n)
}

// Named is named thing number n.
func (w *World) Named(n int) model.Named {
	switch n % 3 {
	case 0:
		return w.Robot(n)
	case 1:
		return w.Place(n)
	}
	return w.person(n)
}

// Owned is owned thing number n.
func (w *World) Owned(n int) model.Owned {
	if n%2 == 0 {
		return w.Robot(n)
	}
	return w.Plant(n)
}

// person is a person in any case.
func (w *World) person(n int) *model.Person { return w.ring[abs(n)%w.Size] }

// persons are the first ones from number n on, as many as there are at most.
func (w *World) persons(n, first int) []*model.Person {
	from := abs(n-1) % w.Size
	return w.ring[from:][:min(max(first, 0), w.Size)]
}

func abs(n int) int { return max(n, -n) }
