package breadth

import (
	"strings"
	"testing"
)

// Objects that come again have the number that they had, whatever stands between them, and a level of
// objects that are all their own is not numbered.
func TestAlike(t *testing.T) {
	t.Parallel()
	rows := make([]int, 100)
	level := func(at func(i int) int) []*int {
		objs := make([]*int, 1000)
		for i := range objs {
			objs[i] = &rows[at(i)]
		}
		return objs
	}
	for name, c := range map[string]struct {
		objs []*int
		most int // distinct numbers; 0: none are given
	}{
		"one":           {level(func(int) int { return 7 }), 1},
		"in turn":       {level(func(i int) int { return i % 5 }), 5},
		"neighbours":    {level(func(i int) int { return i / 10 }), 100},
		"too many":      {level(func(i int) int { return i % 100 }), 0},
		"mostly one":    {level(func(i int) int { return i % 3 / 2 * (i % 100) }), 400},
		"few":           {level(func(int) int { return 7 })[:fewAlike-1], 0},
		"none":          {nil, 0},
		"more than fit": {make([]*int, 1<<16), 0},
	} {
		numbers, distinct := Alike[int](c.objs)
		if (numbers != nil) != (c.most > 0) || distinct > c.most {
			t.Errorf("%s: %d objects have %d of %d numbers", name, len(c.objs), distinct, c.most)
			continue
		}
		of := map[uint16]*int{}
		for i, n := range numbers {
			if p, known := of[n]; known && p != c.objs[i] || int(n) >= distinct {
				t.Fatalf("%s: object %d has the number %d of another", name, i, n)
			}
			of[n] = c.objs[i]
		}
	}
}

func BenchmarkString(b *testing.B) {
	for name, s := range map[string]string{
		"4": "Rock", "15": "MPEG audio file", "40": strings.Repeat("Let There Be ", 3) + "R", "escaped": `The "Best" of`,
	} {
		b.Run(name, func(b *testing.B) {
			buf := make([]byte, 0, 256)
			for b.Loop() {
				buf = String(append(buf[:0], `"name":`...), s)
			}
		})
	}
}
