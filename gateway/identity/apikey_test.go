package identity_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"backline/gateway/identity"
	"backline/graph/rights"
)

// keyFile is a file with the lines of keys.
func keyFile(t testing.TB, keys ...identity.Key) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys.jsonl")
	writeKeys(t, path, keys...)
	return path
}

func writeKeys(t testing.TB, path string, keys ...identity.Key) {
	t.Helper()
	var b strings.Builder
	for _, k := range keys {
		line, err := k.Line()
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(line + "\n")
	}
	rewrite(t, path, b.String())
}

// rewrite replaces a file in one step.
func rewrite(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path+".new", []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

func newKey(t testing.TB, name string, expires time.Time, scopes ...string) (string, identity.Key) {
	t.Helper()
	text, k, err := identity.NewKey(name, scopes, "partner", expires)
	if err != nil {
		t.Fatal(err)
	}
	return text, k
}

func TestKeys(t *testing.T) {
	t.Parallel()
	forever, k1 := newKey(t, "reports", time.Time{}, "staff", "admin")
	hour, k2 := newKey(t, "an hour", start.Add(time.Hour))
	unknown, _ := newKey(t, "unknown", time.Time{})
	d := open(t, identity.Config{KeyFile: keyFile(t, k1, k2)})
	want := rights.Viewer{Subject: "reports", Scopes: []string{"admin", "staff"}, Plan: "partner", Via: "key"}
	for _, header := range []string{"X-API-Key: " + forever, "Authorization: Bearer " + forever, "authorization: bearer " + forever} {
		if got := d.accepted(t, request(t, header)); !reflect.DeepEqual(*got, want) {
			t.Errorf("%+v, want %+v", *got, want)
		}
	}
	if m := d.refused(t, request(t, "X-API-Key: "+unknown), 401); !strings.Contains(m, "not known") {
		t.Errorf("%q", m)
	}
	d.accepted(t, request(t, "X-API-Key: "+hour))
	d.clock.move(time.Hour)
	if m := d.refused(t, request(t, "X-API-Key: "+hour), 401); !strings.Contains(m, "expired") {
		t.Errorf("%q", m)
	}
	if m := open(t, identity.Config{}).refused(t, request(t, "X-API-Key: "+forever), 401); !strings.Contains(m, "not accepted here") {
		t.Errorf("%q", m)
	}
}

// Every wrong character and every cut is found without a look at the keys.
func TestDamagedKeys(t *testing.T) {
	t.Parallel()
	text, k := newKey(t, "one", time.Time{})
	d := open(t, identity.Config{KeyFile: keyFile(t, k)})
	damaged := []string{text + "a", text[:len(text)-1], strings.ToUpper(text), "blk_" + strings.ToUpper(text[4:]), "blk_", text + text[4:], "blk_" + strings.Repeat("a", 5000)}
	for i := 4; i < len(text); i++ {
		other := byte('a')
		if text[i] == 'a' {
			other = 'b'
		}
		if i < len(text)-1 { // the last one has bits that mean nothing
			damaged = append(damaged, text[:i]+string(other)+text[i+1:])
		}
	}
	for _, s := range damaged {
		if m := d.refused(t, request(t, "X-API-Key: "+s), 401); !strings.Contains(m, "damaged") {
			t.Errorf("%s: %q", s, m)
		}
	}
	for _, c := range "abcdefghijklmnopqrstuvwxyz234567" {
		if s := text[:len(text)-1] + string(c); s != text {
			d.refused(t, request(t, "X-API-Key: "+s), 401)
		}
	}
}

func TestKeysAreNotInTheirFile(t *testing.T) {
	t.Parallel()
	text, k := newKey(t, "one", time.Time{})
	line, err := k.Line()
	if err != nil {
		t.Fatal(err)
	}
	if len(text) != 62 || strings.Contains(line, text[4:20]) {
		t.Errorf("%s: %s", text, line)
	}
	if other, _ := newKey(t, "one", time.Time{}); other == text {
		t.Error("two keys are the same")
	}
}

func TestKeyFilesAreReadAgain(t *testing.T) {
	t.Parallel()
	text1, k1 := newKey(t, "one", time.Time{})
	text2, k2 := newKey(t, "two", time.Time{})
	path := keyFile(t, k1)
	d := open(t, identity.Config{KeyFile: path, Reload: time.Millisecond})
	good := func(text string) bool {
		_, err := d.Authenticate(request(t, "X-API-Key: "+text))
		return err == nil
	}
	if !good(text1) || good(text2) {
		t.Error("only the first key is there")
	}
	writeKeys(t, path, k1, k2)
	await(t, "the second key", func() bool { return good(text2) })
	writeKeys(t, path, k2)
	await(t, "the end of the first key", func() bool { return !good(text1) })

	rewrite(t, path, `{"name":"half`)
	await(t, "a word about it", func() bool { return strings.Contains(d.log.String(), "stay as they were") })
	if !good(text2) {
		t.Error("half a file locks everybody out")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	await(t, "a word about the missing file", func() bool { return strings.Contains(d.log.String(), "no such file") })
	if !good(text2) {
		t.Error("a missing file locks everybody out")
	}
	writeKeys(t, path, k1, k2)
	await(t, "the first key again", func() bool { return good(text1) && good(text2) })
	if strings.Contains(d.log.String(), text1[4:]) || strings.Contains(d.log.String(), k1.Hash) {
		t.Error("a key is in the log")
	}
}

func TestKeyFileMistakes(t *testing.T) {
	t.Parallel()
	_, k := newKey(t, "one", time.Time{})
	line, err := k.Line()
	if err != nil {
		t.Fatal(err)
	}
	change := func(old, text string) string { return strings.Replace(line, old, text, 1) }
	for name, tt := range map[string]struct{ content, want string }{
		"not JSON":           {"name: one", "key 1"},
		"a list":             {"[" + line + "]", "key 1"},
		"an unknown field":   {change(`"name"`, `"label"`), "label"},
		"twice":              {line + line, "key 2"},
		"the name twice":     {line + "\n" + change(k.Hash, "sha256:"+strings.Repeat("0", 64)), "already"},
		"no name":            {change(`"one"`, `""`), `"name"`},
		"no scopes":          {change(`"scopes":[]`, `"scopes":null`), `"scopes"`},
		"a scope with a gap": {change(`"scopes":[]`, `"scopes":["a b"]`), `"a b"`},
		"no end":             {change(`"expires":"never"`, `"expires":""`), `"expires"`},
		"a day":              {change("never", "2027-01-31"), "2027-01-31T00:00:00Z"},
		"half a hash":        {change(k.Hash, k.Hash[:40]), `"hash"`},
		"another hash":       {change("sha256:", "md5:"), `"hash"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "keys.jsonl")
			if err := os.WriteFile(path, []byte(tt.content), 0o600); err != nil {
				t.Fatal(err)
			}
			err := identity.CheckKeyFile(path)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("%v, want %q", err, tt.want)
			}
			if _, err := identity.New(identity.Config{KeyFile: path}); err == nil {
				t.Error("the server would start")
			}
		})
	}
	if err := identity.CheckKeyFile(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a file that is not there is good")
	}
	big := filepath.Join(t.TempDir(), "big")
	if err := os.WriteFile(big, []byte(strings.Repeat("\n", 4<<20+1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := identity.CheckKeyFile(big); err == nil || !strings.Contains(err.Error(), "4194304") {
		t.Errorf("%v", err)
	}
}
