package identity_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"backline/gateway/identity"
	"backline/graph/rights"
)

func developmentIssuer(t testing.TB, dir string) *identity.DevelopmentIssuer {
	t.Helper()
	issuer, err := identity.OpenDevelopmentIssuer(dir, true)
	if err != nil {
		t.Fatal(err)
	}
	return issuer
}

func mint(t testing.TB, d *identity.DevelopmentIssuer, p identity.Person, lasts time.Duration) string {
	t.Helper()
	token, err := d.Mint(p, start, lasts)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestDevelopmentTokens(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	token := mint(t, developmentIssuer(t, dir), identity.Person{Subject: "emp_1", Scopes: []string{"staff", "admin"}, Plan: "gold"}, time.Hour)
	again := developmentIssuer(t, dir) // the same key, as after a restart
	development := open(t, identity.Config{Development: again})
	want := rights.Viewer{ID: "emp_1", Issuer: "urn:backline:development", Subject: "emp_1", Scopes: []string{"admin", "staff"}, Plan: "gold", Via: "token"}
	if got := development.accepted(t, bearer(t, token)); !reflect.DeepEqual(*got, want) {
		t.Errorf("%+v, want %+v", *got, want)
	}
	service := development.accepted(t, bearer(t, mint(t, again, identity.Person{Subject: "admin"}, time.Hour)))
	if service.ID != "" || service.Subject != "admin" || len(service.Scopes) > 0 {
		t.Errorf("%+v", service)
	}
	production := open(t, identity.Config{})
	if m := production.refused(t, bearer(t, token), 401); !strings.Contains(m, "issuer is not accepted") {
		t.Errorf("%q", m)
	}
	other := open(t, identity.Config{Development: developmentIssuer(t, t.TempDir())})
	if m := other.refused(t, bearer(t, token), 401); !strings.Contains(m, "does not publish") {
		t.Errorf("%q", m)
	}
}

func TestDevelopmentTokensEnd(t *testing.T) {
	t.Parallel()
	issuer := developmentIssuer(t, t.TempDir())
	for _, lasts := range []time.Duration{0, -time.Hour, 31 * 24 * time.Hour} {
		if token, err := issuer.Mint(identity.Person{Subject: "cus_1"}, start, lasts); err == nil {
			t.Errorf("%v: %s", lasts, token)
		}
	}
}

func TestDevelopmentKeyIsPrivate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := identity.OpenDevelopmentIssuer(dir, false); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
	var wg sync.WaitGroup
	tokens := make([]string, 8)
	for i := range tokens { // processes that begin together agree on one key
		wg.Go(func() {
			issuer, err := identity.OpenDevelopmentIssuer(dir, true)
			if err != nil {
				t.Error(err)
				return
			}
			tokens[i], _ = issuer.Mint(identity.Person{Subject: "cus_1"}, start, time.Hour)
		})
	}
	wg.Wait()
	d := open(t, identity.Config{Development: developmentIssuer(t, dir)})
	for _, token := range tokens {
		d.accepted(t, bearer(t, token))
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	info, err := files[0].Info()
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	for _, damage := range []string{"", "not a key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"} {
		path := filepath.Join(dir, files[0].Name())
		if err := os.WriteFile(path, []byte(damage), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := identity.OpenDevelopmentIssuer(dir, true); err == nil || !strings.Contains(err.Error(), "delete it") {
			t.Errorf("%q: %v", damage, err)
		}
	}
}
