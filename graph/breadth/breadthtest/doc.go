// Package breadthtest holds the breadth-first executor against gqlgen's own one.
//
//	schema/, model/, exec/  a second schema, which has everything that the product's lacks
//	world.go, resolvers.go  its data, in memory, and resolvers that fail as they are told
//	operation.go, values.go random valid operations over any schema
//	compare.go              two executors, the same operation: bytes of data, set of errors
//	differences.go          what may differ, and why
//
// A Pair of any two executable schemas can be compared; Exotic is the one over the schema here.
package breadthtest

//go:generate go run ./generate
