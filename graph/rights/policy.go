package rights

import (
	"slices"
	"strings"
)

// Codes of the errors that a viewer gets who may not see a field.
const (
	CodeUnauthenticated = "UNAUTHENTICATED" // nobody is signed in
	CodeForbidden       = "FORBIDDEN"       // whoever is signed in lacks a scope
)

// Error refuses a field or a type. A client may read it: it names what is needed, and nothing of what
// is there.
type Error struct{ code, message string }

func (e *Error) Error() string { return e.message }

// Code is the value of extensions.code.
func (e *Error) Code() string { return e.code }

// SafeMessage is the message for clients.
func (e *Error) SafeMessage() string { return e.message }

// Scopes are ways to be allowed something: each inner list is one, and needs all of its scopes. Nil
// demands no scope.
type Scopes [][]string

// SignedIn tells whether anybody stands behind the request.
func (v *Viewer) SignedIn() bool { return v.Via != "" }

// HasAny tells whether the viewer has all scopes of one of the lists. Without a list nothing is needed.
func (v *Viewer) HasAny(scopes Scopes) bool {
	return len(scopes) == 0 || slices.ContainsFunc(scopes, v.hasAll)
}

func (v *Viewer) hasAll(scopes []string) bool {
	return !slices.ContainsFunc(scopes, func(s string) bool { return !v.Has(s) })
}

// Require is nil if the viewer is signed in and has all scopes of one of the lists; otherwise it is
// an [Error].
func (v *Viewer) Require(scopes Scopes) error {
	switch {
	case !v.SignedIn():
		return &Error{CodeUnauthenticated, "this is for those who are signed in"}
	case !v.HasAny(scopes):
		return &Error{CodeForbidden, "this needs the " + scopes.String()}
	default:
		return nil
	}
}

// String names the scopes as a sentence goes on: "scope admin, or the scopes staff and sales".
func (s Scopes) String() string {
	ways := make([]string, len(s))
	for i, all := range s {
		ways[i] = "scope " + strings.Join(all, " and ")
		if len(all) > 1 {
			ways[i] = "scopes " + strings.Join(all, " and ")
		}
		if i > 0 {
			ways[i] = "or the " + ways[i]
		}
	}
	return strings.Join(ways, ", ")
}
