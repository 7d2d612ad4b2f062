package gateway

import (
	"net/http"
)

// csrf refuses what another site can make a browser send with the cookies and the address of its
// user: requests that browsers send without asking first, and requests that say they come from
// elsewhere.
type csrf struct {
	protection *http.CrossOriginProtection // nil: every origin is trusted
}

// preflightHeaders are headers that a page of another site can only set after the browser has asked
// the server. Clients that the door is for have one of them; its value tells nothing.
//
//nolint:gochecknoglobals // constants, as far as Go has them
var preflightHeaders = []string{"Graphql-Require-Preflight", "Apollo-Require-Preflight", "X-Apollo-Operation-Name"}

// check is nil if a request may go on.
func (c csrf) check(r *http.Request) *refusal {
	if c.protection != nil && c.protection.Check(r) != nil {
		return blocked("requests of other sites are not answered")
	}
	// A POST has come as application/json by the time anything is done with it, and no browser sends
	// that to another site without asking.
	if r.Method != http.MethodGet || isJSON(r.Header) {
		return nil
	}
	for _, name := range preflightHeaders {
		if r.Header.Get(name) != "" {
			return nil
		}
	}
	return blocked("send the header graphql-require-preflight: 1 with a GET, so that no other site can make a browser send it")
}

func blocked(message string) *refusal {
	return &refusal{status: http.StatusForbidden, code: CodeCSRF, message: message}
}
