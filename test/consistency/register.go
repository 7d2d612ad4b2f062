package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/anishathalye/porcupine"

	"backline/store"
)

// kind is a sort of register: how it is asked for, and what it is worth by the rows of its group.
type kind struct {
	name string
	// query is what stands behind the alias; it has the one variable that %s names.
	query string
	// before comes before the name of the group where that is what it asks by.
	before string
	// value writes what the rows say, in the words of parse.
	value func(g *group, id store.ID) string
	// parse reads it from the answer; "null" where the row is not there.
	parse func(raw json.RawMessage) (string, error)
}

// register is what is read as a whole.
type register struct {
	*kind
	group *group
	id    store.NodeID // what it is asked by; zero for a list of the whole group

	current string // guarded by the group

	mu      sync.Mutex
	history []operation
}

// operation is a read or a write of a register, in time since the run began.
type operation struct {
	write         bool
	value         string
	call, returns time.Duration
	server        int // that was read from
}

func (r *register) String() string {
	if r.id.ID == 0 {
		return r.name + " of " + r.group.prefix
	}
	return r.name + " of " + r.id.String()
}

func (r *register) record(o operation) {
	r.mu.Lock()
	r.history = append(r.history, o)
	r.mu.Unlock()
}

// horizon says from when on a read that was sent at a time may take effect.
type horizon func(shard int, sent time.Duration) time.Duration

// model is a register of text. The first operation of each history writes it.
var model = porcupine.Model{
	Init: func() any { return "" },
	Step: func(state, input, output any) (bool, any) {
		if o := input.(operation); o.write {
			return true, o.value
		}
		return state == output, state
	},
}

// check gives an error if some read cannot be explained.
func (r *register) check(h horizon, timeout time.Duration) error {
	history := make([]porcupine.Operation, len(r.history))
	for i, o := range r.history {
		call := o.call
		if !o.write {
			call = h(r.group.shard, o.call)
		}
		history[i] = porcupine.Operation{Input: o, Output: o.value, Call: int64(call), Return: int64(o.returns)}
	}
	switch porcupine.CheckOperationsTimeout(model, history, timeout) {
	case porcupine.Ok:
		return nil
	case porcupine.Unknown:
		return fmt.Errorf("%s: porcupine has not come to an end over %d operations in %v", r, len(history), timeout)
	default:
		return fmt.Errorf("%s: %s", r, r.explain(h))
	}
}

// explain names the first read whose value was current at no time at which it may have taken effect.
func (r *register) explain(h horizon) string {
	writes := r.writes()
	for _, o := range r.sorted() {
		if o.write {
			continue
		}
		from, told := h(r.group.shard, o.call), ""
		for i, w := range writes {
			if w.value != o.value {
				continue
			}
			until := time.Duration(1<<63 - 1)
			if i+1 < len(writes) {
				until = writes[i+1].returns
			}
			if until >= from && w.call <= o.returns {
				told = ""
				break
			}
			if w.call > o.returns {
				told = fmt.Sprintf("server %d answered at %v with %q, which was not yet so", o.server, o.returns, o.value)
				continue
			}
			told = fmt.Sprintf("server %d was asked at %v and answered at %v with %q, which was no longer so at %v; the feed had told of all until %v",
				o.server, o.call, o.returns, o.value, until, from)
		}
		if told == "" && !slices.ContainsFunc(writes, func(w operation) bool { return w.value == o.value }) {
			told = fmt.Sprintf("server %d answered at %v with %q, which it never was", o.server, o.returns, o.value)
		}
		if told != "" {
			return told
		}
	}
	return "reads went back in time"
}

func (r *register) sorted() []operation {
	return slices.SortedFunc(slices.Values(r.history), func(a, b operation) int { return cmp.Compare(a.call, b.call) })
}

// writes are in order: nobody else writes meanwhile.
func (r *register) writes() []operation {
	return slices.DeleteFunc(r.sorted(), func(o operation) bool { return !o.write })
}

// ages are, for each read, how long ago its value had ceased to be current when it was sent; 0 if it
// was.
func (r *register) ages() []time.Duration {
	writes, ages := r.writes(), []time.Duration(nil)
	for _, o := range r.history {
		if o.write {
			continue
		}
		age := time.Duration(1<<63 - 1)
		for i, w := range writes {
			switch {
			case w.value != o.value:
			case i+1 == len(writes):
				age = 0
			default:
				age = min(age, max(0, o.call-writes[i+1].returns))
			}
		}
		ages = append(ages, age)
	}
	return ages
}

// row reads one row, by its fields in order.
func row(fields ...string) func(raw json.RawMessage) (string, error) {
	return func(raw json.RawMessage) (string, error) {
		var m map[string]json.RawMessage
		if err := json.Unmarshal(raw, &m); err != nil {
			return "", err
		}
		if m == nil {
			return "null", nil
		}
		words := make([]string, len(fields))
		for i, f := range fields {
			words[i] = string(m[f])
		}
		return strings.Join(words, " "), nil
	}
}

// below reads what stands below a field of the row.
func below(field string) func(raw json.RawMessage) (string, error) {
	return func(raw json.RawMessage) (string, error) {
		var m map[string]json.RawMessage
		if err := json.Unmarshal(raw, &m); err != nil {
			return "", err
		}
		if m == nil {
			return "null", nil
		}
		return string(m[field]), nil
	}
}
