package loaders

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"backline/store"
)

// A memo gives each key one place for good, whatever the order in which keys come, are primed and are
// forgotten.
func TestMemo(t *testing.T) {
	t.Parallel()
	t.Run("ids", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			checkMemo(t, rapid.Map(rapid.Int64Range(0, 40), func(n int64) store.ID { return store.ID(n) }))
		})
	})
	t.Run("texts", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) { checkMemo(t, rapid.StringMatching("[ab]{0,4}")) })
	})
}

func checkMemo[K comparable](t *rapid.T, key *rapid.Generator[K]) {
	var m memo[K, K] // the value of a key is the key
	var null K
	for range rapid.IntRange(1, 5).Draw(t, "loads") {
		keys := rapid.SliceOfN(key, 0, 40).Draw(t, "keys")
		if ids, ok := any(keys).([]store.ID); ok && rapid.Bool().Draw(t, "in order") {
			slices.Sort(ids)
		}
		slots, _ := m.slots(nil, len(keys), func(i int) K { return keys[i] })
		fresh := m.take()
		for i, k := range fresh {
			if k == null || slices.Contains(fresh[:i], k) {
				t.Fatalf("asked for %v among %v", k, fresh)
			}
		}
		m.put(fresh, nil)
		got, _ := m.pick(slots)
		if !slices.Equal(got, keys) {
			t.Fatalf("%v for %v", got, keys)
		}
		if k := key.Draw(t, "forgotten"); k != null {
			m.clear(k)
			if slots, missing := m.slots(nil, 1, func(int) K { return k }); !missing {
				t.Fatalf("%v has the place %d after it was forgotten", k, slots[0])
			}
			m.put(m.take(), nil)
		}
		if k := key.Draw(t, "primed"); k != null {
			m.prime(k, k)
			if _, missing := m.slots(nil, 1, func(int) K { return k }); missing {
				t.Fatalf("%v is missing after it was primed", k)
			}
		}
	}
}
