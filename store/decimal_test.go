package store_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"backline/store"
)

func TestDecimalCompare(t *testing.T) {
	t.Parallel()
	number := rapid.OneOf(
		rapid.StringMatching(`-?[0-9]{1,25}(\.[0-9]{1,25})?`),
		rapid.StringMatching(`-?0{0,3}[0-2](\.[0-1]?0{1,3})?`), // many that are equal
	)
	rapid.Check(t, func(rt *rapid.T) {
		a, errA := store.ParseDecimal(number.Draw(rt, "a"))
		b, errB := store.ParseDecimal(number.Draw(rt, "b"))
		if errA != nil || errB != nil {
			rt.Fatal(errA, errB)
		}
		if got, want := a.Compare(b), rational(a).Cmp(rational(b)); got != want {
			rt.Fatalf("%s compared with %s: %d, want %d", a, b, got, want)
		}
	})
}

func TestParseDecimal(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"0", "-0", "9.99", "-12.50", "007", "0.0", strings.Repeat("9", 64)} {
		if d, err := store.ParseDecimal(s); err != nil || string(d) != s {
			t.Errorf("%q: %q, %v", s, d, err)
		}
	}
	for _, s := range []string{"", "-", ".", "1.", ".5", "+1", "1e3", "NaN", "Infinity", "0x1", "1,5", "--1", "1.2.3", " 1", "1 ", "١", "1_000", strings.Repeat("9", 65)} {
		_, err := store.ParseDecimal(s)
		wantCode(t, err, store.CodeBadUserInput, "is not a decimal number such as")
	}
}

func TestDecimalInGraphQL(t *testing.T) {
	t.Parallel()
	var d store.Decimal
	if err := d.UnmarshalGQL("-9.90"); err != nil || d != "-9.90" {
		t.Errorf("%q, %v", d, err)
	}
	b := strings.Builder{}
	d.MarshalGQL(&b)
	if b.String() != `"-9.90"` {
		t.Errorf("written as %s", b.String())
	}
	for _, v := range []any{9.9, 9, nil, "x"} {
		wantCode(t, d.UnmarshalGQL(v), store.CodeBadUserInput)
	}
}

// FuzzDecimal holds what is accepted against what Postgres' numeric accepts, as far as a pattern can.
func FuzzDecimal(f *testing.F) {
	f.Add("1.5", "-1.50")
	f.Fuzz(func(t *testing.T, x, y string) {
		a, err := store.ParseDecimal(x)
		if err != nil {
			return
		}
		if strings.Trim(x, "-.0123456789") != "" {
			t.Fatalf("%q is accepted", x)
		}
		if b, err := store.ParseDecimal(y); err == nil {
			if got, want := a.Compare(b), rational(a).Cmp(rational(b)); got != want || b.Compare(a) != -want {
				t.Fatal(fmt.Sprint(a, b, got, want))
			}
		}
	})
}
