package cost

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// Points are an amount of work, in thousandths of a point: weights have up to three decimals, and
// sums of them are exact. They are never negative, except as the weight of an argument.
type Points int64

const (
	// Point is one point: what it takes to look something up, or to read and write an object.
	Point Points = 1000
	// Unlimited is where sums and products stop. It stands for anything greater, too.
	Unlimited Points = math.MaxInt64

	maxWeight = 1_000_000 * Point
)

// Whole is the number of points, rounded up.
func (p Points) Whole() int64 {
	whole := int64(p / Point)
	if p%Point > 0 {
		whole++
	}
	return whole
}

// String writes points with their decimals, if there are any: `12`, `0.25`.
func (p Points) String() string {
	if p == Unlimited {
		return "more than " + strconv.FormatInt(int64(Unlimited/Point), 10)
	}
	sign := ""
	if p < 0 {
		sign, p = "-", -p
	}
	text := sign + strconv.FormatInt(int64(p/Point), 10)
	if part := int64(p % Point); part != 0 {
		text += "." + strings.TrimRight(strconv.FormatInt(part+int64(Point), 10)[1:], "0")
	}
	return text
}

var errWeight = errors.New("must be a number between -1000000 and 1000000 with at most three decimals")

// parseWeight reads a weight, exactly.
func parseWeight(text string) (Points, error) {
	digits, negative := strings.CutPrefix(text, "-")
	whole, part, _ := strings.Cut(digits, ".")
	if part = strings.TrimRight(part, "0"); whole == "" || len(whole) > 7 || len(part) > 3 || !isDigits(whole) || !isDigits(part) {
		return 0, errWeight
	}
	n, err := strconv.ParseInt(whole+part+"000"[len(part):], 10, 64)
	if err != nil || Points(n) > maxWeight {
		return 0, errWeight
	}
	if negative {
		n = -n
	}
	return Points(n), nil
}

func isDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// add stops at Unlimited, and at -Unlimited.
func add(a, b Points) Points {
	sum := a + b
	switch {
	case a > 0 && b > 0 && sum < 0:
		return Unlimited
	case a < 0 && b < 0 && sum >= 0:
		return -Unlimited
	}
	return sum
}

// times is n·p for neither below 0, and stops at Unlimited.
func times(n int64, p Points) Points {
	if n == 0 || p == 0 {
		return 0
	}
	if product := Points(n) * p; n <= math.MaxInt32 && p <= math.MaxInt32 {
		return product
	}
	if Points(n) > Unlimited/p {
		return Unlimited
	}
	return Points(n) * p
}
