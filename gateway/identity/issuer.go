package identity

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
)

// Issuer is somebody whose tokens are accepted, and what is accepted of them.
type Issuer struct {
	// Issuer is what their tokens have as iss, to the letter. Required.
	Issuer string `json:"issuer"`
	// Audience is what aud must have one of. Required.
	Audience stringList `json:"audience"`
	// Algorithms are those that they sign with: RS256, PS256, ES256 (each also with 384 and 512)
	// and EdDSA. Required: what a token says of itself is not asked.
	Algorithms stringList `json:"algorithms"`
	// JWKS is where their public keys are: an https URL, http on loopback, or the path of a file.
	// Required.
	JWKS string `json:"jwks"`
	// Scopes are those that they may give. None: all of them.
	Scopes stringList `json:"scopes,omitempty"`
	// Claims are the names of the claims that hold "id", "scope" and "plan", where they are not
	// sub, scope and plan.
	Claims map[string]string `json:"claims,omitempty"`
}

// stringList is a list of strings, or in JSON one string as well.
type stringList []string

// UnmarshalJSON reads it.
func (l *stringList) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*l = stringList{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(l))
}

// maxIssuersFile bounds a file of issuers, in bytes.
const maxIssuersFile = 1 << 20

// ReadIssuers reads a setting: a JSON list of issuers, a single one, or the path of a file that has
// either. "" is none. Errors name the issuer and the field.
func ReadIssuers(setting string) ([]Issuer, error) {
	setting = strings.TrimSpace(setting)
	if setting == "" {
		return nil, nil
	}
	content := []byte(setting)
	if setting[0] != '[' && setting[0] != '{' {
		var err error
		if content, err = readFile(setting, maxIssuersFile); err != nil {
			return nil, fmt.Errorf("read the issuers: %w", err)
		}
	}
	if content = bytes.TrimSpace(content); len(content) > 0 && content[0] == '{' {
		content = slices.Concat([]byte("["), content, []byte("]"))
	}
	d := json.NewDecoder(bytes.NewReader(content))
	d.DisallowUnknownFields()
	var list []Issuer
	if err := d.Decode(&list); err != nil {
		return nil, fmt.Errorf("read the issuers: %w", err)
	}
	if d.More() {
		return nil, errors.New("read the issuers: something follows the list")
	}
	if len(list) == 0 {
		return nil, errors.New("read the issuers: the list is empty; leave the setting out for none")
	}
	seen := map[string]bool{}
	for _, i := range list {
		if err := i.validate(); err != nil {
			return nil, err
		}
		if seen[i.Issuer] {
			return nil, fmt.Errorf("the issuer %q is there twice", i.Issuer)
		}
		seen[i.Issuer] = true
	}
	return list, nil
}

func (i Issuer) validate() error {
	name := fmt.Sprintf("the issuer %q", i.Issuer)
	switch {
	case i.Issuer == "":
		return errors.New(`an issuer has no "issuer": it is what its tokens have as iss`)
	case strings.HasPrefix(i.Issuer, developmentIssuer):
		return fmt.Errorf("%s is the server's own, in development only", name)
	case len(i.Audience) == 0 || slices.Contains(i.Audience, ""):
		return fmt.Errorf(`%s has no "audience": it is what its tokens for this server have as aud`, name)
	case len(i.Algorithms) == 0:
		return fmt.Errorf(`%s has no "algorithms": name those that it signs with, such as RS256`, name)
	case i.JWKS == "":
		return fmt.Errorf(`%s has no "jwks": it is the URL or the file of its public keys`, name)
	}
	for _, a := range i.Algorithms {
		if _, known := algorithms[a]; !known {
			return fmt.Errorf("%s has the algorithm %q: it must be one of %s", name, a,
				strings.Join(slices.Sorted(maps.Keys(algorithms)), ", "))
		}
	}
	for _, s := range i.Scopes {
		if !isScope(s) {
			return fmt.Errorf("%s has the scope %q, which is none", name, s)
		}
	}
	for claim, holder := range i.Claims {
		if (claim != "id" && claim != "scope" && claim != "plan") || holder == "" {
			return fmt.Errorf(`%s says where %q is: only "id", "scope" and "plan" can be elsewhere`, name, claim)
		}
	}
	return i.validateJWKS(name)
}

func (i Issuer) validateJWKS(name string) error {
	if !strings.Contains(i.JWKS, "://") {
		info, err := os.Stat(i.JWKS)
		if err != nil || info.IsDir() {
			return fmt.Errorf("%s has the jwks %q: there is no such file", name, i.JWKS)
		}
		return nil
	}
	u, err := url.Parse(i.JWKS)
	if err != nil || u.Host == "" || u.User != nil || !isPrivateTransport(u) {
		return fmt.Errorf("%s has a jwks that is not an https URL; http is for loopback only", name)
	}
	return nil
}

// isPrivateTransport is whether nobody on the way can change what comes from a URL.
func isPrivateTransport(u *url.URL) bool {
	return u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname())
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// claim is the name of the claim that holds the id, the scopes or the plan.
func (i Issuer) claim(of string) string {
	if name := i.Claims[of]; name != "" {
		return name
	}
	if of == "id" {
		return "sub"
	}
	return of
}

// source reads the issuer's key set.
func (i Issuer) source(client *http.Client) source {
	if strings.Contains(i.JWKS, "://") {
		return func(ctx context.Context) ([]byte, error) { return fetch(ctx, client, i.JWKS) }
	}
	return func(context.Context) ([]byte, error) { return readFile(i.JWKS, maxKeySet) }
}

// readFile reads a file, unless it is too long.
func readFile(path string, most int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	content, err := readBounded(file, most)
	if err != nil {
		err = fmt.Errorf("read %s: %w", path, err)
	}
	return content, errors.Join(err, file.Close())
}

// readBounded reads all, or says that it is too much.
func readBounded(r io.Reader, most int64) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(r, most+1))
	if err == nil && int64(len(content)) > most {
		err = fmt.Errorf("it has more than %d bytes", most)
	}
	return content, err
}
