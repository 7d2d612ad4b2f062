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
//	request id → recover → route → span → CORS → compression → deadline → other sites
//	→ who asks (package identity) → budget: a point for the request
//	→ transport: body, strict JSON → a slot to run in
//	→ door: bytes, tokens, parse, document limits, validate, variables, introspection, page sizes
//	→ operation (observed) → response (loaders attached) → executor → errors logged → written once
//
// Everything before the executor is refused without a resolver having run, in an answer of a few
// hundred bytes, and each check is paid for by the limits before it.
//
// Each step before the transport is one small middleware in a file of its own, and each step after
// the door is one gqlgen extension, so that a limit or a check is added by adding a file.
package gateway
