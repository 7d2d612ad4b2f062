package breadth

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// marshaled is what gqlgen writes.
func marshaled(m graphql.Marshaler) string {
	var b bytes.Buffer
	m.MarshalGQL(&b)
	return b.String()
}

func marshaledFloat(f float64) string {
	var b bytes.Buffer
	if err := graphql.MarshalFloatContext(f).MarshalGQLContext(context.Background(), &b); err != nil {
		return "null"
	}
	return b.String()
}

func FuzzString(f *testing.F) {
	for _, s := range []string{"", "plain", "\"\\\t\r\n\x00\x1f\x7f", "Zoë 雪 🎉", "\xff\xfe bad \xc3", "\u2028</script>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, want := string(String([]byte("x"), s)), "x"+marshaled(graphql.MarshalString(s)); got != want {
			t.Errorf("%q: got %s, want %s", s, got, want)
		}
	})
}

// Every byte is escaped, or not, wherever it stands.
func TestEscapesInEveryPlace(t *testing.T) {
	t.Parallel()
	for c := range 256 {
		for at := range 19 {
			s := strings.Repeat("x", at) + string([]byte{byte(c)}) + strings.Repeat("é", (18-at)/(1+c%3))
			for _, front := range []string{"", "x", "{\"\\\n\":\"\""} { // what stands in front of it is not its own
				if got, want := string(String([]byte(front), s)), front+marshaled(graphql.MarshalString(s)); got != want {
					t.Errorf("%q: got %s, want %s", s, got, want)
				}
			}
		}
	}
}

func FuzzFloat(f *testing.F) {
	for _, v := range []float64{0, 1, 0.1, 0.01, 0.99, 1.005, 9999.99, 10000, 19.99, 1e21, 1e20, 1e-7, math.MaxFloat64, math.SmallestNonzeroFloat64, math.Inf(1), math.NaN(), math.Copysign(0, -1)} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v float64) {
		var s Sink
		if got, want := string(Float(nil, v, &s)), marshaledFloat(v); got != want {
			t.Errorf("%v: got %s, want %s", v, got, want)
		}
		if finite := !math.IsInf(v, 0) && !math.IsNaN(v); s.bad == finite {
			t.Errorf("%v: bad %t", v, s.bad)
		}
	})
}

// All prices take the short way.
func TestFloatsOfTwoDecimals(t *testing.T) {
	t.Parallel()
	for n := range 1_000_000 {
		v := float64(n) / 100
		if got, want := string(Float(nil, v, nil)), marshaledFloat(v); got != want {
			t.Fatalf("%v: got %s, want %s", v, got, want)
		}
	}
}

type mood string

func (m mood) IsValid() bool { return m == "CALM" }

func TestLeaves(t *testing.T) {
	t.Parallel()
	day := time.Date(2024, 2, 29, 12, 30, 15, 120, time.FixedZone("", 3600))
	one, none := "one", (*string)(nil)
	for _, c := range []struct {
		name  string
		write func(s *Sink) []byte
		want  string
		bad   bool
	}{
		{"int32", func(*Sink) []byte { return Int(nil, int32(math.MinInt32)) }, marshaled(graphql.MarshalInt32(math.MinInt32)), false},
		{"int64", func(*Sink) []byte { return Int(nil, int64(math.MaxInt64)) }, marshaled(graphql.MarshalInt64(math.MaxInt64)), false},
		{"uint64", func(*Sink) []byte { return Uint(nil, uint64(math.MaxUint64)) }, marshaled(graphql.MarshalUint64(math.MaxUint64)), false},
		{"integer ID", func(*Sink) []byte { return IntID(nil, -7) }, marshaled(graphql.MarshalIntID(-7)), false},
		{"boolean", func(*Sink) []byte { return Boolean(nil, true) }, "true", false},
		{"time", func(*Sink) []byte { return Time(nil, day) }, marshaled(graphql.MarshalTime(day)), false},
		{"zero time", func(*Sink) []byte { return Time(nil, time.Time{}) }, "null", false},
		{"forbidden zero time", func(s *Sink) []byte { return s.NoNull(Time(nil, time.Time{}), 0) }, "null", true},
		{"enum", func(s *Sink) []byte { return Enum(nil, mood("CALM"), s) }, `"CALM"`, false},
		{"no enum", func(s *Sink) []byte { return Enum(nil, mood("SILLY"), s) }, "null", true},
		{"enum constant", func(s *Sink) []byte { return EnumName(nil, "NEW", s) }, `"NEW"`, false},
		{"no enum constant", func(s *Sink) []byte { return EnumName(nil, "", s) }, "null", true},
		{"pointer", func(*Sink) []byte { return Ptr(nil, &one, String) }, `"one"`, false},
		{"nil pointer", func(*Sink) []byte { return Ptr(nil, none, String) }, "null", false},
		{"required", func(s *Sink) []byte { return Required(nil, none, s, String) }, "null", true},
		{"list", func(*Sink) []byte { return List(nil, []string{"a", "b"}, true, String) }, `["a","b"]`, false},
		{"nil list", func(*Sink) []byte { return List(nil, []string(nil), true, String) }, "null", false},
		{"nil list that must not be null", func(*Sink) []byte { return List(nil, []string(nil), false, String) }, "[]", false},
		{"a forbidden null takes its list", func(s *Sink) []byte {
			return ListOf([]byte("x"), []*string{&one, nil}, true, true, s, func(b []byte, v *string, s *Sink) []byte { return Required(b, v, s, String) })
		}, "xnull", true},
		{"an allowed one does not", func(s *Sink) []byte {
			return ListOf(nil, []float64{1, math.NaN()}, true, false, s, Float)
		}, "[1,null]", true},
		{"nil map", func(s *Sink) []byte {
			return Nilable(nil, map[string]any(nil), s, false, func(m map[string]any) bool { return m == nil }, nil)
		}, "null", false},
		{"context marshaler", func(s *Sink) []byte {
			return MarshalContext(nil, graphql.ContextWriterFunc(func(_ context.Context, w io.Writer) error {
				_, _ = io.WriteString(w, "half")
				return errors.New("then an error")
			}), s)
		}, "null", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var s Sink
			if got := string(c.write(&s)); got != c.want || s.bad != c.bad {
				t.Errorf("got %s, bad %t; want %s, %t", got, s.bad, c.want, c.bad)
			}
		})
	}
}
