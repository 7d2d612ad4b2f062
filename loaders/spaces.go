package loaders

import (
	"time"

	"github.com/tinylib/msgp/msgp"

	"backline/loaders/fieldcache"
	"backline/store"
)

// rowsByID is what the cache keeps of a table. The name is that of the type.
func rowsByID[T any](t *store.Table[T]) fieldcache.SpaceConfig {
	codec := fieldcache.CodecOf(t.AppendRow, t.ReadRow)
	if t.Owners != nil {
		codec = withDenials(codec)
	}
	return fieldcache.SpaceConfig{Name: t.Kind.String(), Policy: policyOf(t.Cache), Codec: codec}
}

// pagesOf is what the cache keeps of the pages of a list. The name is that of the field, and an id is
// that of the parent.
func pagesOf[T any](l *store.List[T]) fieldcache.SpaceConfig {
	return fieldcache.SpaceConfig{
		Name: l.Field, Policy: policyOf(l.Cache), Variants: true, Codec: fieldcache.CodecOf(l.AppendPage, l.ReadPage),
	}
}

// totalsOf is what it keeps of their totals.
func totalsOf[T any](l *store.List[T]) fieldcache.SpaceConfig {
	return fieldcache.SpaceConfig{
		Name: totalSpace(l.Field), Policy: policyOf(l.Cache), Variants: true,
		Codec: fieldcache.CodecOf(store.AppendTotal, store.ReadTotal),
	}
}

// totalSpace is the name of the space of a list's totals.
func totalSpace(field string) string { return field + "#total" }

// computed is what the cache keeps of a field whose resolver is written by hand.
func computed(field string, c store.CachePolicy) fieldcache.SpaceConfig {
	return fieldcache.SpaceConfig{Name: field, Policy: policyOf(&c), Variants: true, Codec: fieldcache.Codec{
		Append: func(b []byte, value any) []byte { return append(b, value.(*answer).packed...) },
		Read:   func(b []byte) (any, error) { return &answer{packed: b}, nil },
	}}
}

func policyOf(c *store.CachePolicy) fieldcache.Policy {
	p := fieldcache.Policy{
		TTL:                  seconds(c.TTL),
		StaleWhileRevalidate: seconds(c.StaleWhileRevalidate),
		StaleIfError:         seconds(c.StaleIfError),
	}
	if c.Private {
		p.Scope = fieldcache.Private
	}
	return p
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

// denied stands for a row that exists, but out of the viewer's reach: whoever reads the audit log wants
// to tell it from one that does not exist.
type denied struct{}

// withDenials is a codec of rows, or of the denial of one, which is false.
func withDenials(rows fieldcache.Codec) fieldcache.Codec {
	return fieldcache.Codec{
		Append: func(b []byte, value any) []byte {
			if _, ok := value.(denied); ok {
				return msgp.AppendBool(b, false)
			}
			return rows.Append(b, value)
		},
		Read: func(b []byte) (any, error) {
			if len(b) == 1 && msgp.NextType(b) == msgp.BoolType {
				if yes, _, err := msgp.ReadBoolBytes(b); err == nil && !yes {
					return denied{}, nil
				}
			}
			return rows.Read(b)
		},
	}
}

// space is the cache's space of that name, nil if the response has no cache or it does not keep it.
func (s *Set) space(name string, c *store.CachePolicy) *fieldcache.Space {
	if s.session == nil || c == nil {
		return nil
	}
	return s.options.Cache.Space(name)
}
