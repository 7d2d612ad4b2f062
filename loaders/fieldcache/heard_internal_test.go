package fieldcache

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// word is one entry of the stream, for a model that remembers them all.
type word struct {
	number uint64
	refs   []Ref
}

// isNamed says whether the words after a number name one of the reads.
func isNamed(words []word, after uint64, reads []Ref) bool {
	return slices.ContainsFunc(words, func(w word) bool {
		return w.number > after && slices.ContainsFunc(w.refs, func(r Ref) bool {
			return r.Space == "" || slices.ContainsFunc(reads, func(read Ref) bool {
				return read.Space == r.Space && (r.ID == 0 || r.ID == read.ID)
			})
		})
	})
}

func subtreeOf(number uint64, reads []Ref) *Subtree {
	var r Reads
	for _, ref := range reads {
		r.Add(&Space{name: ref.Space, policy: Policy{TTL: time.Minute}}, ref.ID)
	}
	return newSubtree("key", number, 0, 0, nil, nil, r.all())
}

// TestWhatIsHeardDecides holds what stands against a model: nothing that was named stands, and little else
// falls, whatever comes in which order. (Here as much comes as never does: names leave the ring all the time.)
func TestWhatIsHeardDecides(t *testing.T) {
	t.Parallel()
	stood, fell, falsely := 0, 0, 0
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 3))
		ref := func() Ref {
			return Ref{Space: fmt.Sprint("space", r.IntN(3)), ID: 1 + r.Int64N(2000)}
		}
		h := &heard{}
		h.open()
		h.begin(1000)
		begun, number := uint64(1000), uint64(1000)
		var words []word
		var kept []*Subtree
		var reads [][]Ref
		for range 4000 {
			switch roll := r.IntN(1000); {
			case roll == 0: // a gap
				number += 5
				begun = number
				h.begin(number)
				words = nil
			case roll == 1:
				number++
				words = append(words, word{number, []Ref{{}}})
				h.hear(number, []Ref{{}})
			case roll < 4:
				number++
				w := word{number, []Ref{{Space: fmt.Sprint("space", r.IntN(3))}}}
				words = append(words, w)
				h.hear(number, w.refs)
			case roll < 10: // more than a ring holds, sooner or later
				number++
				w := word{number: number}
				for range r.IntN(2 * ringSize / 10) {
					w.refs = append(w.refs, Ref{Space: "other", ID: 1 + r.Int64N(1000)})
				}
				words = append(words, w)
				h.hear(number, w.refs)
			case roll < 300:
				number++
				w := word{number, []Ref{ref(), ref()}}
				words = append(words, w)
				h.hear(number, w.refs)
			case roll < 400:
				var some []Ref
				for range 1 + r.IntN(20) {
					some = append(some, ref())
				}
				// By a filler who had heard less, as much, or more.
				kept = append(kept, subtreeOf(number-5+r.Uint64N(10), some))
				reads = append(reads, some)
			case len(kept) > 0:
				i := r.IntN(len(kept))
				s := kept[i]
				want := s.number >= begun && !isNamed(words, s.number, reads[i])
				switch got := h.stands(s); {
				case got && !want:
					t.Fatalf("seed %d: a subtree of number %d stands, though it was named", seed, s.number)
				case got:
					stood++
				case want:
					falsely++
				default:
					fell++
				}
			}
		}
	}
	t.Logf("%d stood, %d fell, %d of them for nothing", stood, fell+falsely, falsely)
	if stood < 1000 || fell < 1000 || falsely > stood/5 {
		t.Errorf("%d stood, %d fell, %d of them for nothing", stood, fell+falsely, falsely)
	}
}

// TestSubtreeEncoding: what was written is read again, for the same key only.
func TestSubtreeEncoding(t *testing.T) {
	t.Parallel()
	made := newSubtree("a", 1<<50, 1<<41, 3*time.Millisecond, []byte("counts"), []byte(`{"a":1}`), []name{1, 5, 9})
	got, err := readSubtree("a", made.text)
	if err != nil || got.number != 1<<50 || got.until != 1<<41 || got.delta != 3000 || got.Counts() != "counts" || got.JSON() != `{"a":1}` {
		t.Errorf("%+v, %v", got, err)
	}
	for n, isThere := range map[name]bool{0: false, 1: true, 4: false, 5: true, 9: true, 10: false} {
		if got.dependsOn(n) != isThere {
			t.Errorf("depends on %d: %t", n, !isThere)
		}
	}
	if _, err := readSubtree("b", made.text); err == nil {
		t.Error("read for another key")
	}
}

func FuzzReadSubtree(f *testing.F) {
	f.Add(newSubtree("key", 1, 2, 3, []byte("c"), []byte("{}"), []name{7}).text)
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		b := []byte(text)
		if len(b) >= subtreeHeader { // or nothing gets past the checksum
			b[0] = subtreeVersion
			sum := subtreeChecksum("key", b)
			b[1], b[2], b[3], b[4] = byte(sum>>24), byte(sum>>16), byte(sum>>8), byte(sum)
		}
		s, err := readSubtree("key", string(b))
		if err != nil {
			return
		}
		if len(s.JSON())+len(s.Counts())+s.refCount()*nameSize+subtreeHeader != len(b) {
			t.Errorf("%d bytes are something else", len(b))
		}
		s.dependsOn(5)
	})
}
