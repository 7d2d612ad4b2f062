// Package persisted finds the document that a request means without sending it.
//
// It owns the ids of documents and their two sources: a manifest, which is a file that was made when
// clients were built (trusted documents), and what clients sent before (automatic persisted queries,
// Apollo's protocol). It also owns the rule whether other documents are run at all. It must not know
// what a document says: whoever uses it checks documents, with a function that it is given, and tells
// it which of them to keep.
//
// On a query's way it comes first behind the transport, and again when the document was found good:
//
//	request: text, id, or both → Find → text → parsed, limited, validated → Keep
//
// # Ids
//
// An id is what a manifest calls a document, or the SHA-256 of its text, in 64 hexadecimal digits in
// lower case, alone or behind "sha256:" as GraphQL over HTTP writes it. So documents of a manifest are
// found by their hashes as well. Ids of other forms are found in manifests alone.
//
// # Automatic
//
// A client that sends hash and text has the text kept, once it was found good, and from then on needs
// to send the hash alone, to any instance: texts are in memory, and in Redis if there is one. Both are
// bounded in number and bytes, and forget. Redis is never waited for long: while it does not answer,
// each instance knows what it was sent itself. What comes out of Redis is compared with its hash, so
// that nobody who can write there can have another document run in place of one.
package persisted
