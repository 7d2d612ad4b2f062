//go:build !race

package abuse

// slower is how much the race detector costs where there is none.
const slower = 1
