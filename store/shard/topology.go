package shard

import "fmt"

// Name identifies a shard in logs, metrics and errors ("0", "1", …).
type Name string

// Topology is the map bucket → shard. Its zero value is not usable; it never changes once made.
type Topology struct {
	names []Name
	owner [Buckets]uint16
}

// Range is the buckets From to To, both included, and the index of the shard that owns them.
type Range struct {
	From, To Bucket
	Shard    int
}

// Even divides the buckets evenly, in order, between n shards named "0" to n-1.
func Even(n int) (*Topology, error) {
	if n < 1 || n > Buckets {
		return nil, fmt.Errorf("a topology has 1 to %d shards, not %d", Buckets, n)
	}
	names := make([]Name, n)
	ranges := make([]Range, n)
	for i := range n {
		names[i] = Name(fmt.Sprint(i))
		ranges[i] = Range{Bucket(i * Buckets / n), Bucket((i+1)*Buckets/n - 1), i}
	}
	return New(names, ranges)
}

// New makes a topology from ranges. Every bucket must be owned by exactly one of the shards, and
// every shard must own a bucket.
func New(names []Name, ranges []Range) (*Topology, error) {
	if len(names) == 0 {
		return nil, fmt.Errorf("a topology needs a shard")
	}
	t := &Topology{names: names}
	owned := [Buckets]bool{}
	used := make([]bool, len(names))
	for _, r := range ranges {
		if r.From > r.To || r.To >= Buckets {
			return nil, fmt.Errorf("buckets %d to %d are not a range within 0 to %d", r.From, r.To, Buckets-1)
		}
		if r.Shard < 0 || r.Shard >= len(names) {
			return nil, fmt.Errorf("buckets %d to %d are given to shard %d of %d", r.From, r.To, r.Shard, len(names))
		}
		used[r.Shard] = true
		for b := r.From; b <= r.To; b++ {
			if owned[b] {
				return nil, fmt.Errorf("bucket %d is given to shard %s and to shard %s", b, names[t.owner[b]], names[r.Shard])
			}
			owned[b], t.owner[b] = true, uint16(r.Shard)
		}
	}
	for b, ok := range owned {
		if !ok {
			return nil, fmt.Errorf("bucket %d is given to no shard", b)
		}
	}
	for i, ok := range used {
		if !ok {
			return nil, fmt.Errorf("shard %s owns no bucket", names[i])
		}
	}
	return t, nil
}

// Len is the number of shards.
func (t *Topology) Len() int { return len(t.names) }

// Name is the name of shard i.
func (t *Topology) Name(i int) Name { return t.names[i] }

// Owner is the index of the shard that owns bucket b.
func (t *Topology) Owner(b Bucket) int { return int(t.owner[b]) }
