// Package load sends requests in a closed loop: each connection sends its next request when it has
// its answer. It runs in a process of its own (Serve), which the benchmark starts and talks to
// (Client), so that what it costs is in nobody's figures; it speaks HTTP/1.1 by hand to cost little,
// because it shares the machine with what it measures.
package load
