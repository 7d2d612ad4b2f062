package limit

import "strconv"

// Codes of what exceeds a limit.
const (
	CodeDocumentBytes = "QUERY_TOO_LARGE"
	CodeTokens        = "TOKEN_LIMIT"
	CodeOperations    = "OPERATION_LIMIT"
	CodeDepth         = "DEPTH_LIMIT"
	CodeAliases       = "ALIAS_LIMIT"
	CodeRootFields    = "ROOT_FIELD_LIMIT"
	CodeDirectives    = "DIRECTIVE_LIMIT"
	CodeSelections    = "SELECTION_LIMIT"
	CodePageSize      = "PAGE_SIZE"
	CodeInputDepth    = "INPUT_DEPTH"
	CodeListLength    = "LIST_TOO_LONG"
	CodeStringBytes   = "ARGUMENT_TOO_LARGE" // a string, or all variables together
)

// Error is a limit that was exceeded. Its text is written here and in numbers, and repeats nothing
// that a client sent.
type Error struct {
	code    string
	message string
}

func (e *Error) Error() string { return e.message }

// Code is one of the codes above.
func (e *Error) Code() string { return e.code }

// SafeMessage says what was found and what is allowed.
func (e *Error) SafeMessage() string { return e.message }

// exceeded makes the error of n things where at most max are allowed; what follows "has 31 " is in
// things, such as "aliases".
func exceeded(code, subject string, n int, things string, limit int) error {
	return &Error{code, subject + " " + number(n) + " " + things + ": at most " + strconv.Itoa(limit) + " are allowed"}
}

// number writes a count that may have stopped growing.
func number(n int) string {
	if n >= most {
		return "more than " + strconv.Itoa(most)
	}
	return strconv.Itoa(n)
}
