//go:build race

package abuse

// slower is how much the race detector costs.
const slower = 10
