package identity_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"backline/gateway/identity"
)

const oneIssuer = `{"issuer":"https://id.example.com/","audience":"backline","algorithms":["RS256"],"jwks":"https://id.example.com/keys"}`

func TestReadIssuers(t *testing.T) {
	t.Parallel()
	other := strings.ReplaceAll(oneIssuer, "id.example.com", "other.example.com")
	file := filepath.Join(t.TempDir(), "issuers.json")
	if err := os.WriteFile(file, []byte("[\n"+oneIssuer+",\n"+other+"]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for setting, n := range map[string]int{
		"": 0, "  ": 0, oneIssuer: 1, " [" + oneIssuer + "] ": 1, "[" + oneIssuer + "," + other + "]": 2, file: 2,
		strings.Replace(oneIssuer, "https://id.example.com/keys", file, 1):                         1,
		strings.Replace(oneIssuer, "https://id.example.com/keys", "http://127.0.0.1:8080/keys", 1): 1,
		strings.Replace(oneIssuer, "https://id.example.com/keys", "http://[::1]/keys", 1):          1,
		strings.Replace(oneIssuer, `"backline"`, `["a","b"]`, 1):                                   1,
		strings.Replace(oneIssuer, `{`, `{"scopes":["staff"],"claims":{"id":"https://x/id"},`, 1):  1,
	} {
		list, err := identity.ReadIssuers(setting)
		if err != nil || len(list) != n {
			t.Errorf("%s: %d issuers, %v", setting, len(list), err)
		}
	}
}

func TestIssuerMistakes(t *testing.T) {
	t.Parallel()
	change := func(old, text string) string { return strings.Replace(oneIssuer, old, text, 1) }
	for name, tt := range map[string]struct{ setting, want string }{
		"no such file":            {"issuers.json", "no such file"},
		"an empty list":           {"[]", "empty"},
		"cut off":                 {oneIssuer[:40], "read the issuers"},
		"something behind":        {oneIssuer + "{}", "read the issuers"},
		"an unknown field":        {change(`"audience"`, `"audiences"`), "audiences"},
		"twice":                   {"[" + oneIssuer + "," + oneIssuer + "]", "twice"},
		"no issuer":               {change(`"https://id.example.com/"`, `""`), `no "issuer"`},
		"the development issuer":  {change(`"https://id.example.com/"`, `"urn:backline:development"`), "in development only"},
		"no audience":             {change(`"backline"`, `[]`), `no "audience"`},
		"an empty audience":       {change(`"backline"`, `""`), `no "audience"`},
		"no algorithms":           {change(`["RS256"]`, `[]`), `no "algorithms"`},
		"none":                    {change(`RS256`, `none`), "ES256"},
		"a shared secret":         {change(`RS256`, `HS256`), "HS256"},
		"no jwks":                 {change(`"https://id.example.com/keys"`, `""`), `no "jwks"`},
		"jwks over http":          {change(`https://id.example.com/keys`, `http://id.example.com/keys`), "loopback"},
		"jwks almost on loopback": {change(`https://id.example.com/keys`, `http://127.0.0.1.example.com/keys`), "loopback"},
		"jwks elsewhere":          {change(`https://id.example.com/keys`, `ftp://id.example.com/keys`), "https"},
		"jwks in the file system": {change(`https://id.example.com/keys`, `file:///etc/passwd`), "https"},
		"jwks with a password":    {change(`https://id.example.com/keys`, `https://user:s3cret@id.example.com/keys`), "https"},
		"jwks that is no file":    {change(`https://id.example.com/keys`, `/nothing/here`), "no such file"},
		"a scope with a gap":      {change(`{`, `{"scopes":["a b"],`), "a b"},
		"a claim of its own":      {change(`{`, `{"claims":{"sub":"x"},`), `"sub"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := identity.ReadIssuers(tt.setting)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}
