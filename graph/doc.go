// Package graph is what gqlgen generates from schema/: the executable schema, its argument
// functions, and the reference executor. Nothing in it but this file is written by hand.
package graph
