package feed

import "time"

// timing is how long things wait. None of it is on the way of a change.
type timing struct {
	// poll is how often a process that does not read asks for the lock.
	poll time.Duration
	// heartbeat is how often the reader says that it lives.
	heartbeat time.Duration
	// silence is after how long without a word a reader is given up, by the shard and by itself.
	silence time.Duration
	// retry and maxRetry are the pauses after the first error and after many.
	retry, maxRetry time.Duration
	// farewell is how long a reader that ends may take to have what it applied confirmed.
	farewell time.Duration
	// unavailable is how often a shard that can have no feed is looked at.
	unavailable time.Duration
}

// A reader that hangs is replaced after silence + poll and the time that it takes to connect, which
// is to be below five seconds. One that is only slow for that long loses nothing: its changes come
// again to its successor.
func usualTiming() timing {
	return timing{
		poll: 500 * time.Millisecond, heartbeat: 750 * time.Millisecond, silence: 3 * time.Second,
		retry: 50 * time.Millisecond, maxRetry: 2 * time.Second, farewell: time.Second, unavailable: 15 * time.Second,
	}
}
