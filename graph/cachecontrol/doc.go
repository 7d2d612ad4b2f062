// Package cachecontrol says for how long, and by whom, an answer may be kept on its way to a client.
//
// It owns what the schema's @cacheControl means (Apollo's semantics,
// https://www.apollographql.com/docs/apollo-server/performance/caching), and the policy of an operation
// that follows from it and from who may see what. It knows schemas, and neither documents nor HTTP: an
// executor knows what an operation selects, and a gateway writes the header. It stands behind
// execution: a Table is read at the start, a Policy is made once for each plan.
//
// # What counts
//
// Each field that is selected restricts the policy: the least maxAge wins, and PRIVATE wins. The hint of
// a field wins over that of the type that it returns. Without a hint
//
//	root field                            0: the answer may not be kept
//	field of an object, union, interface  0, unless inheritMaxAge is said
//	other field                           what its object has
//
// What a viewer sees may be another thing than what others see, because of @authenticated,
// @requiresScopes or @owner on a field, or on a type that it may return. Such an answer may be kept only
// where a hint says PRIVATE: nobody has to remember that a list of customers is not for everybody.
//
// Apollo looks at the fields that were resolved, and this package at those that could be: at all types
// that an interface may stand for. So the policy belongs to the plan and costs a request nothing.
package cachecontrol
