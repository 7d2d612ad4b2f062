// Package cost prices GraphQL operations before they run.
//
// It owns the price: what the schema's @cost and @listSize directives mean (IBM's GraphQL cost
// directives, https://ibm.github.io/graphql-specs/cost-spec.html), the static bound on what an
// operation may cost, and the count of what it did cost. It knows schemas and documents only: no
// executor, no HTTP, no maximum. It stands between validation and execution: a Table is read from
// the schema at the start, a Price is compiled with each document, an Estimate is made for each
// request from the request's variables, and a Meter counts while or after the operation runs.
//
// # Formula
//
//	cost(field) = max(0, weight + arguments) + size · (type's weight + selection)
//
// A field's weight, like its arguments', is paid for each object that has the field. Weights that
// the schema does not state:
//
//	field of an object, interface or union   1    each time something is looked up
//	other field                              0
//	object                                   1    each time one is read and written
//	scalar, enum                             0
//	argument, input field: an input object   1    for each element, if it is a list of them
//	other argument, input field              0
//	root object of an operation              0
//
// size is 1, or for a list what @listSize says: the greatest of the slicing arguments that are given,
// by the document, by variables or by defaults, else assumedSize. A negative one counts as 0. With
// sizedFields the size is not the field's own but that of the lists named in its type. Beyond the
// specification, a slicing argument may be a list, whose length then counts.
//
// An abstract type costs as much as the most expensive of its object types. Fields that merge in the
// response (the same response key at the same place, as fragments of several components have them)
// are paid once.
//
// # Example
//
//	{ artists(first: 50) { nodes { name albums(first: 10) { nodes { title } pageInfo { hasNextPage } } } } }
//
// where connections, their nodes and their pageInfo have the weight 0, costs 601:
//
//	artists   1 + 50 · (1 an artist + albums)
//	albums    1 + 10 · 1 an album              = 11
//
// # Bound
//
// An Estimate is never less than what a Meter counts for the same operation and variables, as long as
// lists are no longer than @listSize says. Sums are exact, in thousandths of a point, and stop at
// Unlimited instead of overflowing.
package cost
