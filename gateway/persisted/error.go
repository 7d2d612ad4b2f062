package persisted

// Codes of requests whose document is not run.
const (
	CodeNotFound     = "PERSISTED_QUERY_NOT_FOUND"     // no document has the id
	CodeNotSupported = "PERSISTED_QUERY_NOT_SUPPORTED" // nothing is kept here: send the text
	CodeHashMismatch = "PERSISTED_QUERY_HASH_MISMATCH" // id and text are of two documents
	CodeIDRequired   = "PERSISTED_QUERY_ID_REQUIRED"   // the document is known, and must be named by its id
	CodeNotInList    = "QUERY_NOT_IN_SAFELIST"         // the document is not one of those that may run
)

// Error is why the document of a request is not run. Its text is safe for clients.
type Error struct {
	code    string
	message string
}

func (e *Error) Error() string { return e.message }

// Code is one of the codes above.
func (e *Error) Code() string { return e.code }

// SafeMessage is the text.
func (e *Error) SafeMessage() string { return e.message }

// What requests are refused with. Clients compare two of the messages: urql's and Apollo's both send
// the text after the first, and stop to send hashes after the second.
var (
	errNotFound     = &Error{CodeNotFound, "PersistedQueryNotFound"}
	errNotSupported = &Error{CodeNotSupported, "PersistedQueryNotSupported"}
	errMismatch     = &Error{CodeHashMismatch, "the document is another one than its id says"}
	errIDRequired   = &Error{CodeIDRequired, "send the id of the document in documentId, and not its text"}
	errNotInList    = &Error{CodeNotInList, "the document is not one of those that may run here"}
)
