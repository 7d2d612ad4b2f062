package fieldcache

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
)

// SpaceConfig is one kind of values: an entity by id, the pages of a relation, a root field.
type SpaceConfig struct {
	// Name is "Album", "Artist.albums" or "Query.artists". Metrics and invalidations speak of it.
	Name   string
	Policy Policy
	Codec  Codec
	// Variants says that an id has more than one value: one per arguments. Private spaces have
	// variants by their nature.
	Variants bool
}

// Codec writes and reads the values of a space. Values are pointers to what nobody changes: responses
// share them.
type Codec struct {
	// Append writes a value that is not nil.
	Append func(b []byte, value any) []byte
	// Read reads what Append wrote. It may keep b, and must refuse what it does not understand.
	Read func(b []byte) (any, error)
}

var errLeftover = errors.New("bytes behind the value")

// CodecOf makes a Codec of a pair of functions as msgp has them.
func CodecOf[T any](write func(b []byte, value *T) []byte, read func(b []byte, value *T) ([]byte, error)) Codec {
	return Codec{
		Append: func(b []byte, value any) []byte { return write(b, value.(*T)) },
		Read: func(b []byte) (any, error) {
			value := new(T)
			rest, err := read(b, value)
			if err != nil {
				return nil, err
			}
			if len(rest) > 0 {
				return nil, errLeftover
			}
			return value, nil
		},
	}
}

// Space is a SpaceConfig in a Cache.
type Space struct {
	name     string
	policy   Policy
	codec    Codec
	variants bool
	seed     uint64        // tells the marks of its ids from those of others
	mark     atomic.Uint64 // counts invalidations of the whole space
	prefix   string        // of its keys in Redis: "backline:cache:<schema>:Album:"
	// generation is the one of all its values.
	generation generation
}

// Name is the one of the SpaceConfig.
func (s *Space) Name() string { return s.name }

// IsPrivate says whether its values belong to one viewer each.
func (s *Space) IsPrivate() bool { return s.policy.Scope == Private }

func newSpace(c SpaceConfig, prefix string, at int) (*Space, error) {
	if c.Name == "" || strings.ContainsAny(c.Name, " :\n") {
		return nil, fmt.Errorf("cache space %q: a name has no blanks and no colons", c.Name)
	}
	if c.Codec.Append == nil || c.Codec.Read == nil {
		return nil, fmt.Errorf("cache space %s: no codec", c.Name)
	}
	policy, err := c.Policy.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("cache space %s: %w", c.Name, err)
	}
	s := &Space{
		name: c.Name, policy: policy, codec: c.Codec, variants: c.Variants || policy.Scope == Private,
		seed: uint64(at+1) * 0x9e3779b97f4a7c15, prefix: prefix + c.Name + ":",
	}
	s.generation = generation{s.generationKey(), generationLife}
	return s, nil
}

// Names in Redis. Ids are in base 36, so no id is called like a generation.
const generationName = "_g"

func (s *Space) generationKey() string { return s.prefix + generationName }

// appendIDKey is where the value of an id lies, or, for a space with variants, what their keys begin
// with.
func (s *Space) appendIDKey(b []byte, id int64) []byte {
	return strconv.AppendInt(append(b, s.prefix...), id, 36)
}

func (s *Space) appendKey(b []byte, id int64, digest string) []byte {
	b = s.appendIDKey(b, id)
	if digest == "" {
		return b
	}
	return append(append(b, ':'), digest...)
}

func (s *Space) appendIDGenerationKey(b []byte, id int64) []byte {
	return append(s.appendIDKey(b, id), ":"+generationName...)
}

// variant is what tells the values of one id apart.
func variant(arguments, viewer string) string {
	if viewer == "" {
		return arguments
	}
	return arguments + "\x00" + viewer
}

// digest stands for a variant in a key: 128 bits, so no two are ever the same.
func digest(variant string) string {
	if variant == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(variant))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}
