// Package graph is what gqlgen generates for the plain schema of the benchmark, and its resolvers:
// one call for each object, as gqlgen's documentation shows.
package graph

import "backline/test/bench/gqlgen/loader"

// Resolver is the root of the resolvers. What belongs to an object comes from the request's loaders.
type Resolver struct{ Reader *loader.Reader }
