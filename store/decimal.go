package store

import (
	"cmp"
	"io"
	"strconv"
	"strings"
)

// Decimal is an exact decimal number such as an amount of money, in Postgres' text form
// ("-12.50"). In GraphQL it is a string, because a JSON number may lose digits on its way.
type Decimal string

// ParseDecimal checks that s is digits with an optional sign and an optional fraction.
func ParseDecimal(s string) (Decimal, error) {
	body := strings.TrimPrefix(s, "-")
	whole, fraction, dotted := strings.Cut(body, ".")
	if len(s) > 64 || !isDigits(whole) || dotted && !isDigits(fraction) {
		return "", BadInput("%s is not a decimal number such as \"9.99\"", quote(s))
	}
	return Decimal(s), nil
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// Compare orders by value: -1, 0 or 1.
func (d Decimal) Compare(e Decimal) int {
	a, b := string(d), string(e)
	negA, negB := strings.HasPrefix(a, "-"), strings.HasPrefix(b, "-")
	c := compareMagnitude(strings.TrimPrefix(a, "-"), strings.TrimPrefix(b, "-"))
	switch {
	case negA && negB:
		return -c
	case negA == negB || c == 0 && isZero(a) && isZero(b):
		return c
	case negA:
		return -1
	default:
		return 1
	}
}

func isZero(s string) bool { return strings.Trim(s, "-0.") == "" }

func compareMagnitude(a, b string) int {
	wa, fa, _ := strings.Cut(a, ".")
	wb, fb, _ := strings.Cut(b, ".")
	wa, wb = strings.TrimLeft(wa, "0"), strings.TrimLeft(wb, "0")
	fa, fb = strings.TrimRight(fa, "0"), strings.TrimRight(fb, "0")
	return cmp.Or(cmp.Compare(len(wa), len(wb)), strings.Compare(wa, wb), strings.Compare(fa, fb))
}

// AppendJSON appends the number as a JSON string.
func (d Decimal) AppendJSON(b []byte) []byte {
	b = append(b, '"')
	b = append(b, d...)
	return append(b, '"')
}

// MarshalGQL writes the number as a JSON string.
func (d Decimal) MarshalGQL(w io.Writer) { w.Write(d.AppendJSON(nil)) } //nolint:errcheck // gqlgen's signature

// UnmarshalGQL reads a string.
func (d *Decimal) UnmarshalGQL(v any) error {
	s, ok := v.(string)
	if !ok {
		return BadInput("a Decimal must be a string such as %s, not %T", strconv.Quote("9.99"), v)
	}
	p, err := ParseDecimal(s)
	if err != nil {
		return err
	}
	*d = p
	return nil
}
