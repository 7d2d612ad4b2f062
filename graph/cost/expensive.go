package cost

import "strings"

// MostExpensive names the field that a client should look at first: beginning at the root, the
// costliest field of each level, as long as it makes up at least half of the operation's cost. path
// is its response keys, `artists.nodes.albums`; cost is that of the field with everything below it,
// for all objects that have it. An operation that costs nothing has none.
func (e Estimate) MostExpensive() (path string, cost Points) {
	if e.price == nil || e.Total == 0 {
		return "", 0
	}
	r := e.price.table.runs.Get().(*run)
	defer r.release()
	total := r.evaluate(e.price, e.vars)
	var keys []string
	at, objects := e.price.root.level, int64(1)
	for at != nothing {
		most, highest := (*entry)(nil), Points(0)
		for i := range e.price.levels[at-1] {
			f := &e.price.levels[at-1][i]
			if !r.includes(f) {
				continue
			}
			if c := times(objects, r.cost(f)); c > highest {
				most, highest = f, c
			}
		}
		if most == nil || keys != nil && highest < total-highest {
			break
		}
		keys, cost = append(keys, most.key), highest
		objects = int64(times(objects, Points(r.sizes[most.size])))
		at = nothing
		dearest := Points(-1)
		for _, a := range most.types {
			if c := a.cost(r.levels); c > dearest {
				at, dearest = a.level, c
			}
		}
	}
	return strings.Join(keys, "."), cost
}

// violation finds the first included field whose slicing arguments are not as required.
func (p *Price) violation(r *run) error {
	v := violations{price: p, run: r, seen: make([]bool, len(p.levels)+1)}
	if f := v.below(p.root.level); f != nil {
		return &SlicingError{Path: Shortened(strings.Join(v.keys, "."), maxPath), Arguments: f.slicing.names}
	}
	return nil
}

type violations struct {
	price *Price
	run   *run
	seen  []bool // levels
	keys  []string
}

func (v *violations) below(level int) *field {
	if level == nothing || v.seen[level] {
		return nil
	}
	v.seen[level] = true
	for i := range v.price.levels[level-1] {
		e := &v.price.levels[level-1][i]
		if !v.run.includes(e) {
			continue
		}
		v.keys = append(v.keys, e.key)
		if e.bound != one {
			if _, ok := v.price.sizes[e.bound-1].of(v.run.vars); !ok {
				return e.field
			}
		}
		for _, a := range e.types {
			if f := v.below(a.level); f != nil {
				return f
			}
		}
		v.keys = v.keys[:len(v.keys)-1]
	}
	return nil
}

// maxPath bounds the paths of errors: aliases are as long as a client likes.
const maxPath = 200

// Shortened keeps the end of a path of response keys, which are ASCII.
func Shortened(path string, most int) string {
	if len(path) <= most {
		return path
	}
	return "…" + path[len(path)-most:]
}
