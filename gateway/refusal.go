package gateway

import (
	"net/http"
	"strconv"
)

// refusal is an answer to a request that did not become an operation.
type refusal struct {
	status        int
	code          string
	message       string // safe, and free of anything that the request carried
	allow         string // the Allow header of a wrong method
	challenge     string // the WWW-Authenticate header of a credential that is not good
	retryAfter    int64  // seconds; 0: it is not said when to come again
	correlationID string // of an internal error
}

func internalRefusal(id string) refusal {
	return refusal{
		status:        http.StatusInternalServerError,
		code:          CodeInternal,
		message:       internalMessage,
		correlationID: id,
	}
}

// writeRefusal answers with a GraphQL error and no data.
func writeRefusal(w http.ResponseWriter, media []string, r refusal) {
	b := append(make([]byte, 0, 256), `{"errors":[{"message":`...)
	b = strconv.AppendQuote(b, r.message) // plain ASCII, written by us: Go's quoting is JSON's
	b = append(b, `,"extensions":{"code":`...)
	b = strconv.AppendQuote(b, r.code)
	if r.correlationID != "" {
		b = append(b, `,"correlationId":`...)
		b = strconv.AppendQuote(b, r.correlationID)
	}
	b = append(b, `}}]}`...)
	visitOf(w).refuse(r.code)
	h := w.Header()
	forbidContent(h)
	if r.allow != "" {
		h.Set("Allow", r.allow)
	}
	if r.challenge != "" {
		h.Set("WWW-Authenticate", r.challenge)
	}
	if r.retryAfter > 0 {
		h.Set("Retry-After", strconv.FormatInt(r.retryAfter, 10))
	}
	send(w, media, r.status, b)
}
