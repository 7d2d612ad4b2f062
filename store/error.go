package store

import "fmt"

// Codes of the errors that clients see. An error without a code is internal.
const (
	CodeBadUserInput = "BAD_USER_INPUT"
	CodeNotFound     = "NOT_FOUND"
	CodeUnavailable  = "UNAVAILABLE"
	CodeTimeout      = "TIMEOUT"
)

// Error is an error that a client may read: its message says what is allowed and names nothing
// of the inside. The cause is for logs only.
type Error struct {
	code    string
	message string
	cause   error
}

// BadInput is the error of a client that sent a value which is not allowed.
func BadInput(format string, args ...any) *Error {
	return &Error{code: CodeBadUserInput, message: fmt.Sprintf(format, args...)}
}

// NotFound is the error of a field that promises a row which does not exist.
func NotFound(format string, args ...any) *Error {
	return &Error{code: CodeNotFound, message: fmt.Sprintf(format, args...)}
}

func (e *Error) Error() string { return e.message }

// Code is the value of extensions.code.
func (e *Error) Code() string { return e.code }

// SafeMessage is the message for clients.
func (e *Error) SafeMessage() string { return e.message }

func (e *Error) Unwrap() error { return e.cause }
