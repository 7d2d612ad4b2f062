package fieldcache

import (
	"context"
	"encoding/binary"
	"time"
)

// question is what a round asks of Redis: generations first, then the keys.
type question struct {
	round       *Round
	generations []generation // of everything, of each space, of ids
	spaces      []*Space     // beside the generations from place 1 on
	keys        []string
	values      []string

	wishes  []wish
	wishers []*item
	broken  []string
}

// fetch reads what is wanted from Redis, and takes leases for what is not there. Afterwards nothing
// is wanted any more.
func (r *Round) fetch(ctx context.Context) {
	if !r.has(wanted) {
		return
	}
	q := &question{round: r}
	q.ask()
	if q.mayTake() && q.take(ctx) {
		return
	}
	var ok bool
	if q.values, ok = r.cache.remote.read(ctx, r.budget, q.keys); !ok {
		r.move(wanted, missing)
		return
	}
	next := len(q.generations)
	for i := range r.items {
		if it := &r.items[i]; it.state == wanted {
			q.judge(it, q.values[next])
			next++
		}
	}
	q.tellBroken()
	if len(q.wishes) > 0 {
		q.lease(ctx)
	}
}

// takenAtOnce is up to how many keys a round takes leases in the call that reads them. A process that has
// few keys to ask for mostly has the others itself, and then these are nowhere. Scripts are slower than an
// MGET where there is much to be found.
const takenAtOnce = 16

// mayTake says whether the round may ask and take leases at once.
func (q *question) mayTake() bool {
	r := q.round
	return len(q.keys)-len(q.generations) <= takenAtOnce && r.waited.IsZero() && !r.batches[0].isRefresh && !r.cache.remote.isFull()
}

// take reads what is wanted and takes leases for what is not there, in one call. It says false if Redis
// must be asked otherwise.
func (q *question) take(ctx context.Context) bool {
	r := q.round
	for i := range r.items {
		if it := &r.items[i]; it.state == wanted {
			q.wish(it, "")
		}
	}
	wishes, wishers := q.wishes, q.wishers
	answers, tokens, ok := r.cache.remote.lease(ctx, "read", r.budget, r.now, wishes, nil, q.generations)
	q.wishes, q.wishers = nil, nil
	if !ok {
		if r.cache.remote.isFull() {
			return false
		}
		r.move(wanted, missing)
		return true
	}
	q.values = tokens
	for i, it := range wishers {
		it.sum = q.sum(it)
		switch answer := answers[i].(type) {
		case int64:
			q.granted(it, &wishes[i], answer == 1)
		case string:
			q.judgeValue(it, answer)
		default:
			q.without(it)
		}
	}
	q.tellBroken()
	if len(q.wishes) > 0 {
		q.lease(ctx)
	}
	return true
}

// ask puts the keys together.
func (q *question) ask() {
	r := q.round
	q.generations = append(make([]generation, 0, 1+len(r.batches)), r.cache.everything)
	for _, b := range r.batches {
		if q.spaceAt(b.space) == 0 {
			q.spaces = append(q.spaces, b.space)
			q.generations = append(q.generations, b.space.generation)
		}
		if b.digest == "" {
			b.digest = digest(b.variant)
		}
	}
	q.keys = make([]string, 0, len(q.generations)+len(r.items))
	own := q.own()
	for _, g := range q.generations {
		q.keys = append(q.keys, g.key)
	}
	q.keys = append(q.keys, own...)
}

// own gives the keys of the items that are wanted, and adds the generations of their ids. The keys
// share one string.
func (q *question) own() []string {
	items := q.round.items
	const keySize = 64 // a guess
	text := make([]byte, 0, keySize*len(items))
	ends := make([]int32, 0, 2*len(items))
	for i := range items {
		it := &items[i]
		if it.state != wanted {
			continue
		}
		s, id := it.batch.space, it.batch.ids[it.at]
		text = s.appendKey(text, id, it.batch.digest)
		ends = append(ends, int32(len(text)))
		if s.variants {
			text = s.appendIDGenerationKey(text, id)
			ends = append(ends, int32(len(text)))
		}
	}
	rest, from := string(text), int32(0)
	cut := func() string {
		key := rest[from:ends[0]]
		from, ends = ends[0], ends[1:]
		return key
	}
	keys := make([]string, 0, len(items))
	for i := range items {
		it := &items[i]
		if it.state != wanted {
			continue
		}
		it.key = cut()
		keys = append(keys, it.key)
		if s := it.batch.space; s.variants {
			it.ofID = int32(len(q.generations))
			q.generations = append(q.generations, generation{cut(), s.idGenerationLife()})
		}
	}
	return keys
}

func (s *Space) idGenerationLife() time.Duration {
	return max(minIDGenerationLife, 2*(s.policy.TTL+max(s.policy.StaleWhileRevalidate, s.policy.StaleIfError)))
}

// spaceAt is the place of a space's generation, 0 if it has none yet.
func (q *question) spaceAt(s *Space) int {
	for i, known := range q.spaces {
		if known == s {
			return i + 1
		}
	}
	return 0
}

// sum is that of the generations that an item's value must have been filled under; 0 if one is not
// known.
func (q *question) sum(it *item) uint64 {
	places := [3]int{0, q.spaceAt(it.batch.space), int(it.ofID)}
	n := len(places)
	if it.ofID == 0 {
		n--
	}
	sum := uint64(14695981039346656037) // FNV-1a, by words
	for _, at := range places[:n] {
		text := q.values[at]
		if len(text) != tokenSize {
			return 0
		}
		sum = (sum ^ binary.BigEndian.Uint64([]byte(text))) * 1099511628211
	}
	return sum | 1
}

// judge decides what to do about an item, given what lies at its key.
func (q *question) judge(it *item, text string) {
	switch {
	case text == "" && it.batch.isRefresh:
		it.state = done // invalidated or gone: whoever asks next loads it
	case text == "":
		q.wish(it, "")
	case isLease(text) && it.batch.isRefresh:
		it.state = done
	case isLease(text) && q.round.second:
		q.wish(it, secondLease)
	case isLease(text):
		it.state = foreign
	default:
		q.judgeValue(it, text)
	}
}

func (q *question) judgeValue(it *item, text string) {
	e, err := readValue(it.batch.space, it.key, text)
	if err != nil {
		q.broken = append(q.broken, it.key)
		q.wish(it, "")
		return
	}
	if it.sum = q.sum(it); it.sum == 0 || e.sum != it.sum {
		q.wish(it, string(e.token[:])) // filled before it was invalidated
		return
	}
	b := it.batch
	switch f := q.round.cache.freshness(b.space, e, q.round.now); {
	case b.isRefresh && (e.token == b.seen[it.at] || f < early):
		q.wish(it, string(e.token[:]))
	case f >= early:
		b.Counts.Redis++
		if f == early && e.claim <= q.round.now && !b.isRefresh {
			b.renew(it.at, e)
		}
		q.round.hit(it, e)
	case f == stale:
		b.Counts.Stale++
		if e.claim <= q.round.now {
			b.renew(it.at, e)
		}
		q.round.hit(it, e)
	case f == fallback:
		it.rescue = e
		q.wish(it, string(e.token[:]))
	default:
		q.wish(it, string(e.token[:]))
	}
}

// wish asks for the right to load an item.
func (q *question) wish(it *item, seen string) {
	q.wishes = append(q.wishes, wish{key: it.key, seen: seen, token: newToken()})
	q.wishers = append(q.wishers, it)
}

// lease takes leases for what was not there, and makes the generations that are missing.
func (q *question) lease(ctx context.Context) {
	r := q.round
	var absent []generation
	var places []int
	for i, g := range q.generations {
		if len(q.values[i]) != tokenSize {
			absent, places = append(absent, g), append(places, i)
		}
	}
	answers, tokens, ok := r.cache.remote.lease(ctx, "lease", r.budget, r.now, q.wishes, q.broken, absent)
	if !ok {
		for _, it := range q.wishers {
			q.without(it)
		}
		return
	}
	for i, at := range places {
		q.values[at] = tokens[i]
	}
	for i, it := range q.wishers {
		it.sum = q.sum(it)
		switch answer := answers[i].(type) {
		case int64:
			q.granted(it, &q.wishes[i], answer == 1)
		case string: // it has appeared in between
			e, err := readValue(it.batch.space, it.key, answer)
			if err == nil && e.sum == it.sum && r.cache.freshness(it.batch.space, e, r.now) >= early {
				it.batch.Counts.Redis++
				r.hit(it, e)
				continue
			}
			q.without(it)
		default:
			q.without(it)
		}
	}
}

func (q *question) granted(it *item, w *wish, yes bool) {
	switch {
	case yes && it.sum != 0:
		it.state = missing
		it.right = w.token
		if len(w.seen) == tokenSize {
			it.right = token([]byte(w.seen))
		}
	case yes:
		q.without(it)
	case it.batch.isRefresh:
		it.state = done // another process does it
	default:
		it.state = foreign
	}
}

// without lets an item be loaded without leave to fill.
func (q *question) without(it *item) {
	it.state = missing
	if it.batch.isRefresh {
		it.state = done
	}
}

func (q *question) tellBroken() {
	if len(q.broken) == 0 {
		return
	}
	counts := map[*Space]int{}
	for i, w := range q.wishes {
		for _, key := range q.broken {
			if key == w.key {
				counts[q.wishers[i].batch.space]++
			}
		}
	}
	for s, n := range counts {
		q.round.cache.observer.Discarded(s.name, n)
	}
}
