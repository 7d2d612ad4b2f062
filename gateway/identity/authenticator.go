package identity

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"backline/graph/rights"
)

// Config is what an Authenticator needs. The zero Config accepts no credential at all.
type Config struct {
	// Issuers are those whose tokens are accepted.
	Issuers []Issuer
	// KeyFile is the file of the API keys. "": there are none.
	KeyFile string
	// Development is the issuer of development. Nil, as in production: its tokens are refused.
	Development *DevelopmentIssuer
	// IsNode tells whether a subject is the id of a row that stands for a person; that of any other
	// subject is left out of the viewer. Nil: none is.
	IsNode func(subject string) bool
	// Client fetches key sets. Nil: one with deadlines, which follows no redirect to another host.
	Client *http.Client
	// Now is the clock. Nil: time.Now.
	Now func() time.Time
	// Log receives what operators must know: keys that cannot be fetched, a key file that cannot be
	// read. Never a credential. Nil discards it.
	Log *slog.Logger
	// Reload is how often the key file is looked at. Default 2 s.
	Reload time.Duration
}

// Authenticator finds out who asks.
type Authenticator struct {
	issuers  map[string]*trusted
	verified *verified
	keys     *keyFile // nil: there are none
	isNode   func(subject string) bool
	now      func() time.Time
	stop     context.CancelFunc
	sets     []*keySet
}

// New builds an Authenticator, reads the key file, and begins to fetch the key sets. Close ends it.
func New(c Config) (*Authenticator, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Client == nil {
		c.Client = newClient()
	}
	if c.IsNode == nil {
		c.IsNode = func(string) bool { return false }
	}
	if c.Reload == 0 {
		c.Reload = 2 * time.Second
	}
	a := &Authenticator{issuers: map[string]*trusted{}, isNode: c.IsNode, now: c.Now}
	var err error
	if a.verified, err = newVerified(); err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background()) // Close ends it
	a.stop = stop
	for _, i := range c.Issuers {
		if err := i.validate(); err != nil {
			stop()
			return nil, err
		}
		set := newKeySet(ctx, i.Issuer, i.source(c.Client), c.Now, c.Log)
		a.sets = append(a.sets, set)
		if err := a.trust(newTrusted(i, set, c.Now)); err != nil {
			stop()
			return nil, err
		}
	}
	if c.Development != nil {
		if err := a.trust(c.Development.trusted(c.Now)); err != nil {
			stop()
			return nil, err
		}
	}
	if c.KeyFile != "" {
		if a.keys, err = openKeyFile(c.KeyFile, c.Log); err != nil {
			stop()
			return nil, err
		}
		a.keys.watch(ctx, c.Reload)
	}
	for _, set := range a.sets { // the first request should not have to wait for them
		set.refresh()
	}
	return a, nil
}

func (a *Authenticator) trust(t *trusted) error {
	if a.issuers[t.Issuer.Issuer] != nil {
		return fmt.Errorf("the issuer %q is there twice", t.Issuer.Issuer)
	}
	a.issuers[t.Issuer.Issuer] = t
	return nil
}

// Close ends what runs beside the requests, and waits for it.
func (a *Authenticator) Close() {
	a.stop()
	for _, set := range a.sets {
		set.wait()
	}
	if a.keys != nil {
		a.keys.wait()
	}
}

// nobody is the viewer of a request without a credential.
//
//nolint:gochecknoglobals // a constant, as far as Go has them
var nobody = &rights.Viewer{}

// Authenticate is who asks. Without a credential it is nobody; a credential that is not good is an
// *Error, never nobody. It waits only where the keys of a token's issuer have to be fetched, and no
// longer than the request's context.
func (a *Authenticator) Authenticate(r *http.Request) (*rights.Viewer, error) {
	credential, isKey, err := credentialOf(r.Header)
	switch {
	case err != nil:
		return nil, err
	case credential == "":
		return nobody, nil
	case isKey:
		return a.key(credential)
	default:
		return a.token(r.Context(), credential)
	}
}

// key is the viewer of an API key.
func (a *Authenticator) key(text string) (*rights.Viewer, error) {
	if !isKey(text) {
		return nil, invalid("the API key is damaged: its checksum does not fit")
	}
	if a.keys == nil {
		return nil, invalid("API keys are not accepted here")
	}
	k := a.keys.find(text)
	switch {
	case k == nil:
		return nil, invalid("the API key is not known")
	case k.expired(a.now()):
		return nil, invalid("the API key has expired")
	}
	return k.viewer, nil
}

// token is the viewer of a JWT.
func (a *Authenticator) token(ctx context.Context, text string) (*rights.Viewer, error) {
	if len(text) > maxToken {
		return nil, errTooLong
	}
	hash := hashOf(text)
	now := a.now()
	if v := a.verified.find(hash, now); v != nil {
		return v, nil
	}
	t, err := readToken(text)
	if err != nil {
		return nil, err
	}
	issuer := a.issuers[t.claims.issuer]
	if issuer == nil {
		return nil, errIssuer
	}
	if err := issuer.verify(ctx, t); err != nil {
		return nil, err
	}
	viewer, err := issuer.viewer(t, a.isNode)
	if err != nil {
		return nil, err
	}
	a.verified.add(hash, viewer, now, t.claims.expires.Add(leeway))
	return viewer, nil
}

// AsError is the *Error in err. Anything else that Authenticate could return would be a defect.
func AsError(err error) (*Error, bool) { return errors.AsType[*Error](err) }
