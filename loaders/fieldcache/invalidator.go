package fieldcache

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// Ref names what is no longer valid: an id of a space in all its variants; with the id 0 the whole
// space (the generation of a root list, a truncated table); with no space either, everything.
type Ref struct {
	Space string
	ID    int64
}

const (
	refsAtOnce   = 500
	streamLength = 20_000
	// beyond is how far numbers jump when Redis has gone back to earlier ones, so that none is given out
	// twice: more than were said while nobody noticed.
	beyond = 1 << 20
)

// Invalidator deletes values and leases in Redis, of every schema that an instance serves, and tells
// all instances through a stream. It needs no Cache: the change feed and operators have one each.
type Invalidator struct {
	client    redis.UniversalClient
	single    bool
	namespace string
	own       []string
	clock     func() time.Time

	mu      sync.Mutex
	schemas []string // nil: not known yet
	last    uint64   // number of what it said last
}

// NewInvalidator uses the namespace of the caches ("" as in Config). It learns from Redis which schemas
// there are, and forgets none that it was given. The client's calls end with the context if its
// ContextTimeoutEnabled is on.
func NewInvalidator(client redis.UniversalClient, namespace string, schemas ...string) *Invalidator {
	if namespace == "" {
		namespace = "backline:cache"
	}
	_, single := client.(*redis.Client)
	return &Invalidator{client: client, single: single, namespace: namespace, own: schemas, clock: time.Now}
}

func (v *Invalidator) streamKey() string { return "{" + v.namespace + "}:stream" }

// stateKey holds the number of the last entry and the schemas of which values are kept.
func (v *Invalidator) stateKey() string { return "{" + v.namespace + "}:state" }

const (
	numberField  = "n"
	schemaPrefix = "s:"
)

// Invalidate returns nil when no instance will serve from Redis what was there, and all that listen
// have been told. After an error some may; call it again. Call it when the change is visible to new
// statements: a load that begins after it must find what is new.
func (v *Invalidator) Invalidate(ctx context.Context, what ...Ref) error {
	what = slices.Clone(what)
	slices.SortFunc(what, func(a, b Ref) int {
		return cmp.Or(strings.Compare(a.Space, b.Space), cmp.Compare(a.ID, b.ID))
	})
	what = slices.Compact(what)
	v.mu.Lock()
	defer v.mu.Unlock()
	for some := range slices.Chunk(what, refsAtOnce) {
		if err := v.invalidate(ctx, some); err != nil {
			return fmt.Errorf("invalidate %d cached values: %w", len(what), err)
		}
	}
	return nil
}

func (v *Invalidator) invalidate(ctx context.Context, what []Ref) error {
	if v.schemas == nil {
		fields, err := v.client.HKeys(ctx, v.stateKey()).Result()
		if err != nil {
			return err
		}
		v.schemas = v.schemasOf(fields)
	}
	floor := uint64(0)
	for range 4 {
		// First Redis, then the processes: who is told to forget must not find it there again.
		if err := v.unlink(ctx, what); err != nil {
			return err
		}
		n, schemas, err := v.say(ctx, what, floor)
		if err != nil {
			return err
		}
		lost := n != 0 && n <= v.last
		v.last = max(v.last, n)
		known := v.schemas
		v.schemas = schemas
		switch {
		case lost:
			// Another Redis stands in for the one that knew what was said, and values may be back that
			// that had been deleted. No number may be given out again: subtrees hold them. What was said
			// last stays known until that is done, so that whoever calls again after an error does it.
			floor = v.last + beyond
			what = []Ref{{}}
		case !slices.ContainsFunc(schemas, func(s string) bool { return !slices.Contains(known, s) }):
			return nil
		}
	}
	return fmt.Errorf("other schemas come up all the time: %v", v.schemas)
}

// unlink deletes values, leases and generations of every schema that is known.
func (v *Invalidator) unlink(ctx context.Context, what []Ref) error {
	keys := make([]string, 0, 2*len(what)*len(v.schemas))
	for _, schema := range v.schemas {
		prefix := v.namespace + ":" + schema + ":"
		for _, ref := range what {
			space := &Space{prefix: prefix + ref.Space + ":"}
			switch {
			case ref.Space == "":
				keys = append(keys, prefix+generationName)
			case ref.ID == 0:
				keys = append(keys, space.generationKey())
			default:
				keys = append(keys, string(space.appendIDKey(nil, ref.ID)), string(space.appendIDGenerationKey(nil, ref.ID)))
			}
		}
	}
	if len(keys) == 0 {
		return nil
	}
	if v.single {
		return v.client.Unlink(ctx, keys...).Err()
	}
	_, err := v.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, k := range keys {
			p.Unlink(ctx, k)
		}
		return nil
	})
	return err
}

// say appends to the stream. It gives the number of the entry (0: none was written) and the schemas
// that instances keep values of. The number is greater than floor.
func (v *Invalidator) say(ctx context.Context, what []Ref, floor uint64) (n uint64, schemas []string, err error) {
	keys := []string{v.stateKey(), v.streamKey()}
	answer, err := v.client.Eval(ctx, sayScript, keys, streamLength, sayRefs(what), v.clock().UnixMicro(), floor).Slice()
	if err != nil && strings.HasPrefix(err.Error(), "OOM ") {
		// Redis is full and takes no entry, but deletes: without the number every process starts anew.
		return 0, v.schemas, v.client.Del(ctx, v.stateKey()).Err()
	}
	if err != nil {
		return 0, nil, err
	}
	var fields []string
	if len(answer) == 2 {
		number, _ := answer[0].(string)
		n, err = strconv.ParseUint(number, 10, 64)
		names, _ := answer[1].([]any)
		for _, name := range names {
			s, _ := name.(string)
			fields = append(fields, s)
		}
	}
	return n, v.schemasOf(fields), err
}

// learn notes a number that somebody has heard.
func (v *Invalidator) learn(number uint64) {
	v.mu.Lock()
	v.last = max(v.last, number)
	v.mu.Unlock()
}

// lastNumber is the greatest that it said or learned.
func (v *Invalidator) lastNumber() uint64 {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.last
}

// schemasOf are those that the fields of the state name, and our own.
func (v *Invalidator) schemasOf(fields []string) []string {
	schemas := append(make([]string, 0, len(v.own)+len(fields)), v.own...)
	for _, f := range fields {
		if s, ok := strings.CutPrefix(f, schemaPrefix); ok && !slices.Contains(schemas, s) {
			schemas = append(schemas, s)
		}
	}
	return schemas
}

// sayRefs writes one ref a line: "Album 1z", "Query.artists", or "*".
func sayRefs(what []Ref) string {
	var b []byte
	for _, ref := range what {
		switch {
		case ref.Space == "":
			b = append(b, '*')
		case ref.ID == 0:
			b = append(b, ref.Space...)
		default:
			b = append(b, ref.Space...)
			b = append(b, ' ')
			b = strconv.AppendInt(b, ref.ID, 36)
		}
		b = append(b, '\n')
	}
	return string(b)
}

// heardRefs reads what sayRefs wrote. What it does not understand stands for everything.
func heardRefs(text string) []Ref {
	what := make([]Ref, 0, strings.Count(text, "\n"))
	for line := range strings.Lines(text) {
		space, id, hasID := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		ref := Ref{Space: space}
		if hasID {
			var err error
			if ref.ID, err = strconv.ParseInt(id, 36, 64); err != nil || ref.ID == 0 {
				return []Ref{{}}
			}
		}
		if space == "*" || space == "" {
			ref = Ref{}
		}
		what = append(what, ref)
	}
	return what
}
