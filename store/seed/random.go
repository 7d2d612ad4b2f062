package seed

// random is a small generator of pseudo-random numbers (SplitMix64, Steele et al. 2014). It is
// written here, and uses whole numbers only, so that the demo catalogue is the same on every
// machine and with every release of Go.
type random struct{ state uint64 }

// newRandom is the generator of row n of a sequence: what it yields depends on nothing else, so
// rows can be made in any order and on several shards at once.
func newRandom(seq sequence, n int64) random {
	return random{mix(uint64(seq)<<48 ^ uint64(n))}
}

// sequence keeps the numbers of one purpose apart from those of another.
type sequence uint64

const (
	ofArtist sequence = iota + 1
	ofAlbums
	ofAlbum
	ofTrack
	ofPlaylist
	ofCustomer
	ofBuyer
	ofInvoice
	ofLine
)

func (r *random) next() uint64 {
	r.state += 0x9e3779b97f4a7c15
	return mix(r.state)
}

func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// below yields 0 to n-1.
func (r *random) below(n int) int { return int(r.next() >> 32 * uint64(n) >> 32) }

// between yields least to most.
func (r *random) between(least, most int) int { return least + r.below(most-least+1) }

// percent is true p times of a hundred.
func (r *random) percent(p int) bool { return r.below(100) < p }

// weighted yields an index of weights, each as often as its share of their sum says.
func (r *random) weighted(weights []int) int {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	at := r.below(sum)
	for i, w := range weights {
		if at -= w; at < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// pick yields one of list.
func pick[T any](r *random, list []T) T { return list[r.below(len(list))] }

// spread maps 0, 1, 2 … to 0 … size-1 in an order that looks shuffled and repeats nothing before
// all have been used: steps of about the golden ratio of size, made coprime to it.
func spread(n int64, size int) int {
	step := uint64(size)*618/1000 | 1
	for gcd(step, uint64(size)) != 1 {
		step += 2
	}
	return int((uint64(n)%uint64(size)*step + step/3) % uint64(size))
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
