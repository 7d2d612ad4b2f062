// Package gateway is the HTTP door: it turns requests into GraphQL operations and responses into
// bytes.
//
// It owns the routes (/graphql, /, /health/live, /health/ready), the transports and what they
// accept, the limits on what is read, run and answered, the rules for requests of other sites, the
// deadline of a request, its id, and the one boundary at which an error becomes a code and a message
// that a client may read. It must not know what a resolver, a loader or a shard is: it takes an
// executable schema and a few function values.
//
// On a query's way it comes first and last:
//
//	request (its id, its deadline) → recover → route → span → CORS → compression → other sites
//	→ who asks (package identity) → budget: a point for the request
//	→ transport: body, strict JSON → a slot to run in
//	→ door: bytes, tokens, parse, document limits, validate, variables, introspection, page sizes, price
//	→ executor: operation (observed) → response (loaders attached) → schema → errors logged
//	→ written once
//
// Everything before the executor is refused without a resolver having run, in an answer of a few
// hundred bytes, and each check is paid for by the limits before it.
//
// Each step before the transport is one small middleware in a file of its own. What door and executor do
// is small as well, and called in order (door.go, executor.go): an interceptor for each would cost every
// request some allocations. gqlgen extensions that others write stand inside of that (Config.Extensions).
// What belongs to one request is held by its context, in one piece (request.go).
package gateway
