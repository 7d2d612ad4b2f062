package cost

import (
	"math/big"
	"math/rand/v2"
	"testing"
)

// Sums and products are those of numbers without an end, as far as Points go.
func TestArithmetic(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	limit := big.NewInt(int64(Unlimited))
	number := func() Points { return Points(r.Uint64() >> 1 >> r.IntN(63)) }
	for range 100_000 {
		a, b := number(), number()
		product := new(big.Int).Mul(big.NewInt(int64(a)), big.NewInt(int64(b)))
		if product.Cmp(limit) > 0 {
			product = limit
		}
		if got := times(int64(a), b); int64(got) != product.Int64() {
			t.Fatalf("%d · %d is %d, not %v", a, b, got, product)
		}
		if r.IntN(2) == 0 {
			a = -a
		}
		if r.IntN(2) == 0 {
			b = -b
		}
		sum := new(big.Int).Add(big.NewInt(int64(a)), big.NewInt(int64(b)))
		if sum.CmpAbs(limit) > 0 {
			sum = new(big.Int).Mul(limit, big.NewInt(int64(sum.Sign())))
		}
		if got := add(a, b); int64(got) != sum.Int64() {
			t.Fatalf("%d + %d is %d, not %v", a, b, got, sum)
		}
	}
}
