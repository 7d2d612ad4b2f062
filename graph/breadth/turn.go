package breadth

import "sync"

// A Yielder is a Dispatcher that tells when a resolver is about to wait.
type Yielder interface {
	Dispatcher
	// OnWait sets what is called by each resolver right before it waits, from now on; nil: nothing is. When
	// it returns, what was set before is not running and will not be called any more.
	OnWait(f func())
}

// InTurn lets the resolvers of a wave run one after the other as long as none of them waits, if loads says
// that they wait in loaders and nowhere else; coordinates are as "Album.artist". The Dispatcher must be a
// Yielder. Where loaders have what is asked for, a wave needs no goroutines then; where they have not, the
// one that waits leaves the rest of the wave to another, and all are sent together as always.
func InTurn(loads func(coordinate string) bool) Option {
	return func(e *executable) { e.inTurn = loads }
}

// linkTurns marks the fields of the tables.
func (e *executable) linkTurns() {
	if e.inTurn == nil {
		return
	}
	for _, t := range e.tables.types {
		for _, f := range t.Fields {
			f.inTurn = f.Wave && e.inTurn(t.Name+"."+f.Name)
		}
	}
}

// turns are the fields of a wave that are resolved one after the other.
type turns struct {
	mu   sync.Mutex
	next int // in the wave
}

// beginWave takes the fields of the next wave. Nobody has a turn yet.
func (r *run) beginWave() {
	r.turns.mu.Lock()
	r.wave, r.next = append(r.wave[:0], r.next...), r.next[:0]
	r.turns.next = len(r.wave)
	r.turns.mu.Unlock()
}

func (r *run) beginTurns() {
	r.turns.mu.Lock()
	r.turns.next = 0
	r.turns.mu.Unlock()
}

// takeTurns resolves what is left of the wave's fields.
func (r *run) takeTurns() {
	ended := false
	defer func() {
		if !ended { // a resolver has ended this goroutine, and not the wave
			r.yield()
		}
	}()
	for f := r.nextTurn(); f != nil; f = r.nextTurn() {
		r.resolve(f)
	}
	ended = true
}

// nextTurn is the next field to resolve, nil if none is left.
func (r *run) nextTurn() *FieldPlan {
	t := &r.turns
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.next < len(r.wave) {
		f := r.wave[t.next]
		t.next++
		if f.def.inTurn {
			return f
		}
	}
	return nil
}

// yield lets another goroutine go on with the wave, if anything is left of it. While something is, whoever
// takes it is running, and the wave is not over.
func (r *run) yield() {
	r.turns.mu.Lock()
	defer r.turns.mu.Unlock()
	if r.turns.next < len(r.wave) {
		r.group.Go(r.takeTurns)
	}
}
