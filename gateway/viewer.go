package gateway

import (
	"net/http"

	"backline/gateway/identity"
)

// identify finds out who asks. A credential that is not good is a refusal: answering as if there were none
// would only hide it.
func (r *request) identify(a *identity.Authenticator, h *http.Request) *refusal {
	if a == nil {
		return nil
	}
	viewer, err := a.Authenticate(h)
	if err != nil {
		e, ok := identity.AsError(err)
		if !ok { // a defect
			e = &identity.Error{Status: http.StatusInternalServerError, ErrorCode: CodeInternal, Message: internalMessage}
		}
		return &refusal{status: e.Status, code: e.ErrorCode, message: e.Message, challenge: e.Challenge}
	}
	if viewer.Via != "" {
		r.viewer = viewer
	}
	return nil
}
