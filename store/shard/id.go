package shard

import (
	"fmt"
	"sync"
	"time"
)

// Buckets is the number of slices of the key space. It is fixed for the life of the data.
const Buckets = 1024

const (
	bucketBits   = 10
	sequenceBits = 12
	timeBits     = 41
	timeShift    = bucketBits + sequenceBits

	maxSequence = 1<<sequenceBits - 1
	// MaxOriginal is the largest key of a foreign data set that Imported can keep.
	MaxOriginal = 1<<timeBits - 1
)

// Epoch is the moment that the time part of an ID counts from.
var Epoch = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

// Bucket is one of the 1024 slices of the key space, 0 to 1023.
type Bucket uint16

// BucketOf spreads the keys of a foreign data set evenly over the buckets (the finaliser of
// SplitMix64, Steele et al. 2014, whose output bits are all equally good).
func BucketOf(original int64) Bucket {
	x := uint64(original) + 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	x ^= x >> 31
	return Bucket(x >> (64 - bucketBits))
}

// ID is the primary key of a row in every table: positive, unique within its table, and roughly
// ordered by creation. 0 stands for "no row".
type ID int64

// Bucket is the bucket that the row lives in.
func (id ID) Bucket() Bucket { return Bucket(id>>sequenceBits) & (Buckets - 1) }

// Time is when the ID was made, in milliseconds. It means nothing for imported rows.
func (id ID) Time() time.Time {
	return Epoch.Add(time.Duration(id>>timeShift) * time.Millisecond)
}

// Imported gives a row of a foreign data set the ID that keeps its original key recognisable and
// its order. It is an error if the key is not between 1 and MaxOriginal.
func Imported(original int64, b Bucket) (ID, error) {
	if original < 1 || original > MaxOriginal {
		return 0, fmt.Errorf("original key %d is not between 1 and %d", original, int64(MaxOriginal))
	}
	return ID(original<<timeShift | int64(b)<<sequenceBits), nil
}

// Sequence makes IDs that never repeat within one process: up to 4096 per millisecond and bucket.
// Two processes that write the same bucket in the same millisecond may collide; the primary key
// then refuses the second row and the writer tries again.
type Sequence struct {
	now func() time.Time

	mu   sync.Mutex
	last int64 // the millisecond of the newest ID
	next int64 // its next sequence number
}

// NewSequence makes IDs from the times that now gives; now may jump backwards.
func NewSequence(now func() time.Time) *Sequence { return &Sequence{now: now} }

// Next makes an ID in bucket b.
func (s *Sequence) Next(b Bucket) ID {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ms := s.now().Sub(Epoch).Milliseconds(); ms > s.last {
		s.last, s.next = ms, 0
	} else if s.next > maxSequence { // this millisecond is used up: borrow the next one
		s.last, s.next = s.last+1, 0
	}
	id := ID(s.last<<timeShift | int64(b)<<sequenceBits | s.next)
	s.next++
	return id
}
