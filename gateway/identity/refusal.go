package identity

import (
	"net/http"

	"backline/graph/rights"
)

// Codes of refusals, in extensions.code, beside rights.CodeUnauthenticated (401: the credential is not
// good).
const (
	CodeBadRequest  = "BAD_REQUEST" // 400; more credentials than one
	CodeUnavailable = "UNAVAILABLE" // 503; the keys of the token's issuer cannot be had

	codeCSRF         = "CSRF_BLOCKED"           // 403; signing in: another site asks
	codeBadUserInput = "BAD_USER_INPUT"         // 400; signing in: nobody has the id
	codeMediaType    = "UNSUPPORTED_MEDIA_TYPE" // 415; signing in: not JSON
	codeInternal     = "INTERNAL"               // 500; signing in: a fault of ours
)

// Error is why a request's credential is not accepted. Its message is plain ASCII, says what is wrong
// in words that a client may read, and has nothing of the credential in it.
type Error struct {
	Status    int    // of the HTTP answer
	ErrorCode string // extensions.code
	Message   string
	Challenge string // the WWW-Authenticate header (RFC 6750, section 3); "" for none
}

func (e *Error) Error() string { return e.Message }

// Code is extensions.code.
func (e *Error) Code() string { return e.ErrorCode }

// SafeMessage is the message for clients.
func (e *Error) SafeMessage() string { return e.Message }

// invalid refuses a credential that is not good.
func invalid(message string) *Error {
	return &Error{
		Status: http.StatusUnauthorized, ErrorCode: rights.CodeUnauthenticated, Message: message,
		Challenge: `Bearer error="invalid_token", error_description="` + message + `"`,
	}
}

// ambiguous refuses a request that says twice who it is: two readers could take it for two people.
func ambiguous(message string) *Error {
	return &Error{
		Status: http.StatusBadRequest, ErrorCode: CodeBadRequest, Message: message,
		Challenge: `Bearer error="invalid_request", error_description="` + message + `"`,
	}
}

// unavailable says that a credential could not be judged, which is not the client's fault: a 401 would
// make it throw away a good token.
func unavailable(message string) *Error {
	return &Error{Status: http.StatusServiceUnavailable, ErrorCode: CodeUnavailable, Message: message}
}
