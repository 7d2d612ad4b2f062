// Package breadth executes GraphQL operations breadth first over gqlgen's generated types.
//
// It owns the execution of an operation, from the validated document to the bytes of the answer
// (section 6 of the specification, September 2025, whose algorithms give the functions their names).
// Parsing, validation, variables, models, resolver interfaces and argument functions stay gqlgen's.
// It knows neither loaders nor transports: a Dispatcher tells the loaders when a wave has said all
// that it wants, Foretell what the whole operation selects, and a Buffer hands the answer to the
// transport.
//
// gqlgen executes depth first: an element of a list, a goroutine; a field, several allocations. Here
// a field is resolved once for all objects of its level, whatever lists they are in. Three parts:
//
//   - The plan (compile.go). An operation is compiled once and kept beside its document. CollectFields
//     groups its selections by response key, for every concrete type that may stand at a place of the
//     response. @skip and @include are decided when a plan is compiled: there is one for each vector
//     of the Boolean variables in them. Arguments without variables are coerced then, too.
//   - The waves (run.go). A level is all objects of one type at one place. When it opens, what its rows
//     hold is read at once; fields with resolvers join the next wave, whose resolvers run side by side.
//   - The writer (writer.go). When no wave is left, the answer is written once, in selection order,
//     straight from the rows, by generated code.
//
// # Example
//
// For the operation
//
//	{ artists { name albums { title genre { name } } } }
//
// the plan has three selections below the root: Artist with the leaf name and the field albums, Album
// with the leaf title and the field genre, Genre with the leaf name. With 50 artists it goes like this:
//
//	open   Query         one root object; artists joins wave 1
//	wave 1 Query.artists → a Column: 1 list of 50 elements, a []*Artist
//	open   Artist        50 objects; albums joins wave 2
//	wave 2 Artist.albums → a Column: 50 lists, offsets 0 2 3 …, 80 elements, a []*Album
//	open   Album         80 objects; genre joins wave 3
//	wave 3 Album.genre   → a Column: 80 elements, two of them null, a []*Genre of 78
//	write  {"artists":[{"name":"AC/DC","albums":[{"title":"Let There Be Rock","genre":{"name":"Rock"}}, …
//
// Three calls of resolvers, whatever the numbers; the objects on the way are offsets and slices.
//
// # Resolvers
//
// Batch resolvers (gqlgen's `batch: true`) are called once for a level, root resolvers once. Resolvers
// that take one object, and methods of models that take a context, are called for all objects of the
// level side by side. Other methods and fields of models are read on the executor's goroutine.
//
// A resolver that fails, panics, gives too few results or exceeds its deadline damages its own fields.
// One that blocks holds up the next wave, so resolvers must heed their context.
//
// Errors are reported in the order of the response, each with path and location. A null that a
// non-null type forbids takes its parent with it, also when it comes out of a marshaler.
//
// # gqlgen's extension points
//
// AroundOperations, AroundResponses, the error presenter and the recover function work as ever.
// AroundRootFields sees the resolver of a root field, and what it returns in place of the value that
// next gave is written instead; it does not see the time that the fields below take. AroundFields and
// the run-time directives of a field's definition are called once for a level, with the resolver's
// results for all of its objects: obj is a []*Parent, and next gives a []Result (for a root field: no
// obj, and a Result). Fields that rows hold do not call AroundFields, unless they have such directives.
// The field context of a resolver knows the field, its arguments and selections, and the fields above,
// but no list indexes. A context that an interceptor hands to next reaches the fields below.
//
// Introspection fields are executed by gqlgen, beside the other fields of their operation. Operations
// with @defer, or with run-time directives in the document, are left to gqlgen altogether.
// Subscriptions: gqlgen opens the source stream and waits; each event is an execution of its own, with
// the dispatcher of its own context.
package breadth
