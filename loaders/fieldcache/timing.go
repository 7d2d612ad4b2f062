package fieldcache

import "time"

// Timing is how long things last, apart from how long a response may wait.
type Timing struct {
	// Trust is how long L1 serves after the last word of the stream.
	Trust time.Duration
	// Lease and Claim are how long the right to load a value stands: longer than a load takes, and not
	// for ever, since whoever has it may have died.
	Lease, Claim time.Duration
	// Refresh bounds a load that nobody waits for. It is less than a claim stands.
	Refresh time.Duration
	// Fill bounds a write to Redis that nobody waits for.
	Fill time.Duration
}

// usualTiming is that of production.
func usualTiming() Timing {
	return Timing{
		Trust:   500 * time.Millisecond,
		Lease:   3 * time.Second,
		Claim:   3 * time.Second,
		Refresh: 2 * time.Second,
		Fill:    100 * time.Millisecond,
	}
}

// PatientTiming is for tests, on machines that do much else meanwhile: nothing is given up in the middle
// of one.
func PatientTiming() Timing {
	return Timing{Trust: time.Minute, Lease: 5 * time.Minute, Claim: 5 * time.Minute, Refresh: time.Minute, Fill: time.Minute}
}
