package loaders

import (
	"context"
	"fmt"
	"runtime/debug"

	"backline/loaders/fieldcache"
	"backline/store"
)

// A Question is something handwritten that the store is asked, and whose answer can be kept.
type Question interface {
	// Asked is what the store must answer.
	Asked() *store.Query
	// Pack writes the answer; the error is why there is none.
	Pack(b []byte) ([]byte, error)
	// Unpack takes an answer that Pack has written in the place of the store's. It may keep b, and must
	// refuse what it does not understand.
	Unpack(b []byte) error
}

// Keep says where the answer to a question is kept: under a @computed field with @cached, the object that
// it is a field of (store.Root for one of Query), and a text of all else that the answer depends on. Any
// change of a row that the field reads forgets it.
type Keep struct {
	Field     string
	ID        store.ID
	Arguments string
}

// AskKept is Ask for a question whose answer may be in the cache. ask makes the question; it is called
// again, after the response, where the answer is loaded before somebody asks for it. The question that
// is returned has its answer.
func AskKept[Q Question](s *Set, k Keep, ask func() Q) (Q, error) {
	q := ask()
	var space *fieldcache.Space
	if s.session != nil && len(q.Asked().Parts) > 0 {
		space = s.options.Cache.Space(k.Field)
	}
	if space == nil {
		s.Ask(q.Asked())
		return q, nil
	}
	kept := &keptQuestion{set: s, keep: k, space: space, question: q, again: func() Question { return ask() }}
	s.mu.Lock()
	if a := kept.atHand(); a != nil {
		s.mu.Unlock()
		kept.unreadable = unpack(q, a.packed) != nil
	} else {
		s.park(kept)
		s.mu.Unlock()
	}
	if kept.unreadable {
		s.Ask(q.Asked())
		return q, nil
	}
	return q, kept.err
}

// answer is one as the cache has it.
type answer struct{ packed []byte }

// keptQuestion is a question on its way whose answer may be in the cache.
type keptQuestion struct {
	set      *Set
	keep     Keep
	space    *fieldcache.Space
	question Question
	again    func() Question
	batch    *fieldcache.Batch

	answered   bool // by the store
	unreadable bool // what was kept
	err        error
}

func (k *keptQuestion) prepare() sender      { return k }
func (k *keptQuestion) query() *store.Query  { return nil }
func (k *keptQuestion) send(context.Context) {}

func (k *keptQuestion) look(r *fieldcache.Round) {
	again, from := k.again, k.set.options.Store // what outlives the response
	k.batch = r.Add(k.space, k.keep.Arguments, []int64{int64(k.keep.ID)}, func(ctx context.Context, _ []int64) ([]any, []error) {
		q := again()
		from.Run(ctx, q.Asked())
		value, err := answerTo(q)
		return []any{value}, []error{err}
	})
}

func (k *keptQuestion) lookup() (string, *fieldcache.Batch) {
	return k.question.Asked().Loader, k.batch
}

func (k *keptQuestion) ask() *store.Query {
	if len(k.batch.Misses()) == 0 {
		return nil
	}
	return k.question.Asked()
}

func (k *keptQuestion) answer() {
	value, err := answerTo(k.question)
	k.answered = err == nil
	k.batch.Put(0, value, err)
}

func (k *keptQuestion) take() {
	if k.batch.Errs != nil {
		k.err = k.batch.Errs[0]
	}
	if a, ok := k.batch.Values[0].(*answer); ok && !k.answered {
		k.unreadable = unpack(k.question, a.packed) != nil
	}
}

// unpack is Question.Unpack, of which a panic is one of its errors: others wait for the end of the round.
func unpack(q Question, packed []byte) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("unpack an answer of %s: panic: %v\n%s", q.Asked().Loader, p, debug.Stack())
		}
	}()
	return q.Unpack(packed)
}

// answerTo is the answer to a question as the cache takes it. A panic is an error here as well.
func answerTo(q Question) (value any, err error) {
	defer func() {
		if p := recover(); p != nil {
			value, err = nil, fmt.Errorf("pack the answer of %s: panic: %v\n%s", q.Asked().Loader, p, debug.Stack())
		}
	}()
	packed, err := q.Pack(nil)
	if err != nil {
		return nil, err
	}
	return &answer{packed}, nil
}
