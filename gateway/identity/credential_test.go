package identity_test

import (
	"net/http"
	"strings"
	"testing"

	"backline/gateway/identity"
)

func TestCredentials(t *testing.T) {
	t.Parallel()
	rs := makeSigners()["RS256"]
	d := open(t, identity.Config{Issuers: []identity.Issuer{publish(t, rs).issuer("RS256")}})
	token := rs.sign(t, claims())
	tests := []struct {
		name    string
		headers []string
		status  int    // 0: accepted
		message string // or the subject
	}{
		{"nothing", nil, 0, ""},
		{"a cookie", []string{"Cookie: Authorization=Bearer " + token}, 0, ""},
		{"Proxy-Authorization", []string{"Proxy-Authorization: Bearer " + token}, 0, ""},
		{"a token", []string{"Authorization: Bearer " + token}, 0, customer},
		{"lower case", []string{"Authorization: bearer " + token}, 0, customer},
		{"upper case", []string{"Authorization: BEARER " + token}, 0, customer},
		{"two spaces", []string{"Authorization: Bearer  " + token}, 0, customer},
		{"twice", []string{"Authorization: Bearer " + token, "Authorization: Bearer " + token}, 400, "more than one Authorization"},
		{"twice, one empty", []string{"Authorization: Bearer " + token, "Authorization: "}, 400, "more than one Authorization"},
		{"joined", []string{"Authorization: Bearer " + token + ", Bearer " + token}, 400, "more than one credential"},
		{"joined without a space", []string{"Authorization: Bearer " + token + "," + token}, 400, "more than one credential"},
		{"token and key", []string{"Authorization: Bearer " + token, "X-API-Key: blk_x"}, 400, "not both"},
		{"two keys", []string{"X-API-Key: a", "X-API-Key: b"}, 400, "more than one X-API-Key"},
		{"an empty key", []string{"X-API-Key: "}, 401, "no API key"},
		{"a token as key", []string{"X-API-Key: " + token}, 401, "damaged"},
		{"empty", []string{"Authorization: "}, 401, "must be Bearer"},
		{"only the scheme", []string{"Authorization: Bearer"}, 401, "no token"},
		{"only the scheme and a space", []string{"Authorization: Bearer "}, 401, "no token"},
		{"Basic", []string{"Authorization: Basic dXNlcjpwYXNz"}, 401, "must be Bearer"},
		{"without a scheme", []string{"Authorization: " + token}, 401, "must be Bearer"},
		{"a tab", []string{"Authorization: Bearer\t" + token}, 401, "must be Bearer"},
		{"another script", []string{"Authorization: Bearer тoken"}, 401, "characters"},
		{"a key that is none", []string{"Authorization: Bearer blk_x"}, 401, "damaged"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := request(t, tt.headers...)
			if tt.status == 0 {
				if v := d.accepted(t, r); v.Subject != tt.message {
					t.Errorf("it is %q", v.Subject)
				}
				return
			}
			message := d.refused(t, r, tt.status)
			if !strings.Contains(message, tt.message) {
				t.Errorf("%q, want %q", message, tt.message)
			}
		})
	}
}

func TestTokensInAddressesAreIgnored(t *testing.T) {
	t.Parallel()
	rs := makeSigners()["RS256"]
	d := open(t, identity.Config{Issuers: []identity.Issuer{publish(t, rs).issuer("RS256")}})
	r := request(t)
	r.URL.RawQuery = "access_token=" + rs.sign(t, claims())
	if v := d.accepted(t, r); v.Via != "" {
		t.Errorf("%+v", v)
	}
}

func TestChallenges(t *testing.T) {
	t.Parallel()
	d := open(t, identity.Config{})
	for header, want := range map[string]identity.Error{
		"Authorization: Bearer a.b.c": {Status: http.StatusUnauthorized, ErrorCode: "UNAUTHENTICATED", Challenge: `Bearer error="invalid_token", error_description="`},
		"Authorization: Bearer a,b":   {Status: http.StatusBadRequest, ErrorCode: "BAD_REQUEST", Challenge: `Bearer error="invalid_request", error_description="`},
	} {
		_, err := d.Authenticate(request(t, header))
		e, ok := identity.AsError(err)
		if !ok || e.Status != want.Status || e.Code() != want.ErrorCode || e.Challenge != want.Challenge+e.SafeMessage()+`"` {
			t.Errorf("%s: %+v", header, e)
		}
	}
}
