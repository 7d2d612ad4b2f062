package gateway

import (
	"net/http"

	"backline/gateway/identity"
	"backline/graph/rights"
)

// identified is the request with who asks in its context. A credential that is not good is a refusal:
// answering as if there were none would only hide it.
func identified(a *identity.Authenticator, r *http.Request) (*http.Request, *refusal) {
	if a == nil {
		return r, nil
	}
	viewer, err := a.Authenticate(r)
	if err != nil {
		e, ok := identity.AsError(err)
		if !ok { // a defect
			e = &identity.Error{Status: http.StatusInternalServerError, ErrorCode: CodeInternal, Message: internalMessage}
		}
		return nil, &refusal{status: e.Status, code: e.ErrorCode, message: e.Message, challenge: e.Challenge}
	}
	if viewer.Via == "" {
		return r, nil
	}
	return r.WithContext(rights.With(r.Context(), viewer)), nil
}
