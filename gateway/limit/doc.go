// Package limit bounds what a GraphQL document and its variables may hold, before anything is done
// with them that grows with what they hold.
//
// It knows the language and nothing else: no schema, no HTTP. It stands between reading a request
// and validating its document:
//
//	body → [Limits.Text]: bytes, tokens → parse → [Limits.Document]: operations, depth, aliases, root
//	fields, directives, selections, page sizes, nesting, lists, strings → validate → [Limits.Variables]
//	→ execute
//
// Each check takes time in proportion to the text that was sent, never to what the text stands for:
// fragments are counted once and multiplied, and sums stop at a billion rather than overflow.
package limit
