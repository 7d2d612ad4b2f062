// Package proc starts the servers of the benchmark as child processes and reads what they use from
// /proc. It is for Linux only, as the benchmark is.
package proc
