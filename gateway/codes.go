package gateway

import (
	"net/http"
	"slices"

	"backline/gateway/persisted"
	"backline/graph/rights"
)

// Codes that the gateway itself gives errors, in extensions.code. Package limit has those of documents
// and variables, package persisted those of documents that are named, and packages below have more.
const (
	CodeBadRequest         = "BAD_REQUEST"                  // the HTTP request is not what it should be
	CodeBadUserInput       = "BAD_USER_INPUT"               // an argument or variable is not allowed
	CodeBatching           = "BATCHING_NOT_SUPPORTED"       // a list of operations in one request
	CodeCancelled          = "CANCELLED"                    // the client went away
	CodeCSRF               = "CSRF_BLOCKED"                 // 403; another site may have made a browser send it
	CodeCostLimit          = "COST_LIMIT"                   // the operation may cost more than one may
	CodeInternal           = "INTERNAL"                     // a fault of ours; the log has the cause
	CodeIntrospection      = "INTROSPECTION_DISABLED"       // the schema is not told here
	CodeMethodNotAllowed   = "METHOD_NOT_ALLOWED"           // 405
	CodeNotAcceptable      = "NOT_ACCEPTABLE"               // 406
	CodeNotFound           = "NOT_FOUND"                    // a field promises what does not exist
	CodeOperation          = "OPERATION_RESOLUTION_FAILURE" // which operation of the document is to run
	CodeOverloaded         = "OVERLOADED"                   // 503; too many operations at a time
	CodeParseFailed        = "GRAPHQL_PARSE_FAILED"         // not GraphQL
	CodePayloadTooLarge    = "PAYLOAD_TOO_LARGE"            // 413
	CodeResponseTooLarge   = "RESPONSE_TOO_LARGE"           // the answer has more bytes than allowed
	CodeThrottled          = "THROTTLED"                    // 429; the client's budget is spent
	CodeTimeout            = "TIMEOUT"                      // the deadline of the request passed
	CodeUnauthenticated    = rights.CodeUnauthenticated     // 401; a credential is not good
	CodeUnavailable        = "UNAVAILABLE"                  // a part of the system cannot be reached
	CodeUnsupportedContent = "UNSUPPORTED_MEDIA_TYPE"       // 415
	CodeValidationFailed   = "GRAPHQL_VALIDATION_FAILED"    // GraphQL, but not of this schema
)

// statusOf is the HTTP status of an answer without data whose first error has the code. With
// application/json an operation that could not run is still a well-formed request, and 200.
func statusOf(code string, media []string) int {
	switch code {
	case CodeInternal:
		return http.StatusInternalServerError
	case CodeTimeout:
		return http.StatusGatewayTimeout
	case CodeUnavailable:
		return http.StatusServiceUnavailable
	case CodeParseFailed, CodeValidationFailed, CodeOperation, CodeBadUserInput, persisted.CodeNotFound, persisted.CodeNotSupported:
		if slices.Equal(media, mediaJSON) {
			return http.StatusOK
		}
	}
	return http.StatusBadRequest
}
