package shard_test

import (
	"strings"
	"testing"
	"time"

	"backline/store/shard"
)

func TestImportedKeepsKeyOrderAndBucket(t *testing.T) {
	t.Parallel()
	var last shard.ID
	for n := int64(1); n < 100_000; n++ {
		b := shard.BucketOf(n)
		id, err := shard.Imported(n, b)
		if err != nil {
			t.Fatal(err)
		}
		if id.Bucket() != b {
			t.Fatalf("id %d of key %d lies in bucket %d, want %d", id, n, id.Bucket(), b)
		}
		if id <= last {
			t.Fatalf("key %d is not after key %d", n, n-1)
		}
		last = id
	}
	for _, n := range []int64{0, -1, shard.MaxOriginal + 1} {
		if _, err := shard.Imported(n, 0); err == nil {
			t.Errorf("key %d is accepted", n)
		}
	}
	if id, err := shard.Imported(shard.MaxOriginal, shard.Buckets-1); err != nil || id <= 0 {
		t.Errorf("the largest key gives %d, %v", id, err)
	}
}

func TestBucketOfIsEven(t *testing.T) {
	t.Parallel()
	var count [shard.Buckets]int
	const perBucket = 1000
	for n := range int64(shard.Buckets * perBucket) {
		count[shard.BucketOf(n)]++
	}
	for b, n := range count { // 1000 ± 6 standard deviations
		if n < perBucket-190 || n > perBucket+190 {
			t.Errorf("bucket %d holds %d of %d keys", b, n, perBucket)
		}
	}
}

func TestSequence(t *testing.T) {
	t.Parallel()
	now := shard.Epoch.Add(time.Hour)
	s := shard.NewSequence(func() time.Time { return now })
	seen := map[shard.ID]bool{}
	last := shard.ID(0)
	for i := range 20_000 { // more than the 4096 of one millisecond
		if i == 10_000 {
			now = now.Add(-time.Minute) // a clock that jumps back
		}
		id := s.Next(7)
		if seen[id] || id <= last || id.Bucket() != 7 {
			t.Fatalf("id %d: %d repeats or goes back, or is not in bucket 7", i, id)
		}
		seen[id], last = true, id
	}
	if d := last.Time().Sub(shard.Epoch.Add(time.Hour)); d < 0 || d > 10*time.Millisecond {
		t.Errorf("the time of the last id is off by %v", d)
	}
}

func TestEven(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 3, 4, 7, 1024} {
		top, err := shard.Even(n)
		if err != nil {
			t.Fatal(err)
		}
		count := make([]int, n)
		for b := range shard.Bucket(shard.Buckets) {
			count[top.Owner(b)]++
		}
		for i, c := range count {
			if c < shard.Buckets/n || c > shard.Buckets/n+1 {
				t.Errorf("shard %d of %d owns %d buckets", i, n, c)
			}
		}
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	two := []shard.Name{"a", "b"}
	for want, ranges := range map[string][]shard.Range{
		"bucket 5 is given to shard a and to shard b": {{0, 5, 0}, {5, 1023, 1}},
		"bucket 6 is given to no shard":               {{0, 5, 0}, {7, 1023, 1}},
		"shard b owns no bucket":                      {{0, 1023, 0}},
		"not a range":                                 {{9, 5, 0}},
		"shard 2 of 2":                                {{0, 1023, 2}},
		"1 to 1024":                                   nil,
	} {
		var err error
		if ranges == nil {
			_, err = shard.Even(0)
		} else {
			_, err = shard.New(two, ranges)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error about %q, got %v", want, err)
		}
	}
	if _, err := shard.New(nil, nil); err == nil {
		t.Error("a topology without shards is accepted")
	}
}
