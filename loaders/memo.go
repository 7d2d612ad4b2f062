package loaders

import (
	"slices"
	"sync"

	"backline/store"
)

// memo remembers the keys of one loader and their values for the length of a response. All its
// methods are called with Set.mu held.
type memo[K comparable, V any] struct {
	keys   []K
	values []V     // as long as the keys that have been answered
	errs   []error // nil while nothing failed, else as long as values
	sent   int     // keys that are on their way or answered
	// index finds a key, where keys are not few; it is made when one is looked for. None is as long as
	// all are ids that come in their order, as those of the rows of a list mostly do: each is new.
	index     map[K]int32
	unordered bool
	next      int32 // the place of the key that is asked for next, if keys come as they were primed
}

// fewKeys is up to where a scan finds a key faster than a map would.
const fewKeys = 12

// places are slices for slots, which no loader keeps.
//
//nolint:gochecknoglobals // a pool is of use only when everybody shares it
var places = sync.Pool{New: func() any { return new([]int32) }}

// slots finds the place of each key, adding those that are new; the zero key stands for null and
// has the place -1. It says whether any value is not there yet. room may be used for the places.
func (m *memo[K, V]) slots(room []int32, n int, key func(i int) K) (slots []int32, missing bool) {
	var null, last K
	slot := int32(-1)
	slots = slices.Grow(room[:0], n)[:n]
	if m.keys == nil {
		m.keys = make([]K, 0, min(n, 4*fewKeys))
	}
	for i := range slots {
		if k := key(i); k != last { // neighbours often share a key
			last = k
			slot = -1
			if k != null {
				slot = m.slot(k)
			}
		}
		slots[i] = slot
		missing = missing || int(slot) >= len(m.values)
	}
	return slots, missing
}

func (m *memo[K, V]) slot(k K) int32 {
	if next := m.next; int(next) < len(m.keys) && m.keys[next] == k {
		m.next++
		return next
	}
	s := int32(len(m.keys)) //nolint:gosec // bounded by the rows of a response
	if m.unordered || s > 0 && !follows(m.keys[s-1], k) {
		if known := m.find(k); known >= 0 {
			return known
		}
		m.unordered = true
	}
	m.keys = append(m.keys, k)
	if m.index != nil {
		m.index[k] = s
	}
	return s
}

// follows says that b is an id and above a.
func follows[K comparable](a, b K) bool {
	above, isID := any(b).(store.ID)
	below, _ := any(a).(store.ID)
	return isID && above > below
}

func (m *memo[K, V]) find(k K) int32 {
	if m.index == nil {
		if len(m.keys) <= fewKeys {
			return int32(slices.Index(m.keys, k)) //nolint:gosec // few
		}
		m.index = make(map[K]int32, max(4*fewKeys, len(m.keys)))
		for i, k := range m.keys {
			m.index[k] = int32(i)
		}
	}
	if s, ok := m.index[k]; ok {
		return s
	}
	return -1
}

// take begins a batch: the keys that nobody has asked for yet. Rounds go one after another, so
// their answers come in the order of the keys.
func (m *memo[K, V]) take() []K {
	fresh := m.keys[m.sent:len(m.keys):len(m.keys)]
	m.sent = len(m.keys)
	return fresh
}

// fresh are the keys that take would give. There are none while others are on their way, because values
// lie in the order of the keys.
func (m *memo[K, V]) fresh() []K {
	if m.sent != len(m.values) {
		return nil
	}
	return m.keys[m.sent:]
}

// put ends a batch with the values of its keys and their errors (nil: none).
func (m *memo[K, V]) put(values []V, errs []error) {
	if errs != nil || m.errs != nil {
		for len(m.errs) < len(m.values) {
			m.errs = append(m.errs, nil)
		}
		if errs == nil {
			errs = make([]error, len(values))
		}
		m.errs = append(m.errs, errs...)
	}
	m.values = append(m.values, values...)
}

// pick gives the values of slots, and their errors if there are any.
func (m *memo[K, V]) pick(slots []int32) ([]V, error) {
	out := make([]V, len(slots))
	var errs Errors
	for i, s := range slots {
		if s < 0 {
			continue
		}
		out[i] = m.values[s]
		if m.errs != nil && m.errs[s] != nil {
			if errs == nil {
				errs = make(Errors, len(slots))
			}
			errs[i] = m.errs[s]
		}
	}
	if errs != nil {
		return out, errs
	}
	return out, nil
}

// prime gives an unknown key its value without asking. It does nothing while keys are on their
// way, because values lie in the order of the keys.
func (m *memo[K, V]) prime(k K, v V) {
	if m.sent != len(m.values) || len(m.keys) != m.sent || m.find(k) >= 0 {
		return
	}
	m.slot(k)
	m.sent++
	m.values = append(m.values, v)
	if m.errs != nil {
		m.errs = append(m.errs, nil)
	}
}

// primeAll is prime for many keys, which do not repeat.
func (m *memo[K, V]) primeAll(keys []K, values []V) {
	if len(m.keys) > 0 {
		for i, k := range keys {
			m.prime(k, values[i])
		}
		return
	}
	m.keys, m.values, m.sent = keys, values, len(keys)
	m.unordered = true // maybe
}

// clear forgets a key.
func (m *memo[K, V]) clear(k K) {
	var null K
	s := m.find(k)
	if s < 0 {
		return
	}
	m.keys[s], m.unordered = null, true
	if m.index != nil {
		delete(m.index, k)
	}
}

// Errors are the errors of a batch by place, nil where there is none. gqlgen reports each at the
// object that it belongs to (it is a graphql.BatchErrors).
type Errors []error

func (e Errors) Error() string {
	for _, err := range e {
		if err != nil {
			return err.Error()
		}
	}
	return "no error"
}

// Errors gives the errors by place.
func (e Errors) Errors() []error { return e }

// Unwrap gives the errors that there are.
func (e Errors) Unwrap() []error {
	return slices.DeleteFunc(slices.Clone(e), func(err error) bool { return err == nil })
}
