package rights

import (
	"context"
	"slices"
)

// Viewer is who asks. The zero Viewer is nobody: a request without credentials. A Viewer is shared
// by everything that runs for its requests: nobody changes it once it is in a context.
type Viewer struct {
	ID      string   // the node id of the row that stands for them ("cus_…", "emp_…"); "" for a service
	Issuer  string   // whose word for it that is: a JWT's iss; "" for an API key, which is the server's own
	Subject string   // what the credential calls them: a JWT's sub, or an API key's name
	Scopes  []string // what they may do, sorted, e.g. "staff"
	Plan    string   // the throttling plan; "" is the default
	Via     string   // how they proved it: "" (nobody), ViaToken or ViaKey
}

// How a viewer proved who they are.
const (
	ViaToken = "token" // a JWT of an issuer
	ViaKey   = "key"   // an API key
)

// nobody is the viewer of a context without one.
//
//nolint:gochecknoglobals // a constant, as far as Go has them
var nobody = &Viewer{}

// ViewerKey is the key of the viewer, a *Viewer, for contexts that hold it themselves.
type ViewerKey struct{}

// With gives everything below ctx the viewer v. Nil is nobody.
func With(ctx context.Context, v *Viewer) context.Context {
	if v == nil {
		v = nobody
	}
	return context.WithValue(ctx, ViewerKey{}, v)
}

// Of is the viewer of ctx. It is never nil: without a viewer it is nobody.
func Of(ctx context.Context) *Viewer {
	if v, ok := ctx.Value(ViewerKey{}).(*Viewer); ok {
		return v
	}
	return nobody
}

// Has tells whether the viewer has the scope. Nobody has any.
func (v *Viewer) Has(scope string) bool { return slices.Contains(v.Scopes, scope) }
