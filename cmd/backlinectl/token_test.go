package main

import (
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"backline/gateway/identity"
	"backline/graph/rights"
	"backline/store"
)

func TestToken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	customer := store.NodeID{Kind: store.KindCustomer, ID: 1 << 22}.String()
	employee := store.NodeID{Kind: store.KindEmployee, ID: 1 << 22}.String()
	if got := call(t, "token", "--admin", "--data-dir", dir); got.status != exitProblem || !strings.Contains(got.err, "start the server in development once") {
		t.Errorf("without a key: %+v", got)
	}
	issuer, err := identity.OpenDevelopmentIssuer(dir, true)
	if err != nil {
		t.Fatal(err)
	}
	server, err := identity.New(identity.Config{Development: issuer, IsNode: func(s string) bool { return s != "admin" }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	for _, tt := range []struct {
		args       string
		id, scopes string
	}{
		{"--customer " + customer, customer, ""},
		{"--customer " + customer + " --admin", customer, "admin"},
		{"--staff " + employee, employee, "staff"},
		{"--staff " + employee + " --admin --plan gold --expires 720h", employee, "admin staff"},
		{"--admin", "", "admin"},
	} {
		got := call(t, append(strings.Fields("token --data-dir "+dir), strings.Fields(tt.args)...)...)
		if got.status != exitGood || strings.Count(got.out, "\n") != 1 {
			t.Errorf("%s: %+v", tt.args, got)
			continue
		}
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/graphql", nil)
		r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(got.out))
		v, err := server.Authenticate(r)
		if err != nil || v.ID != tt.id || strings.Join(v.Scopes, " ") != tt.scopes || v.Via != rights.ViaToken {
			t.Errorf("%s: %+v, %v", tt.args, v, err)
		}
	}
	for args, want := range map[string]string{
		"":                                "--customer cus_…",
		"--customer " + employee:          "--customer: " + employee + " is the ID of type Employee",
		"--staff " + customer:             "--staff: " + customer + " is the ID of type Customer",
		"--customer cus_1":                "--customer:",
		"--admin --expires 721h":          "720h",
		"--admin --expires 0s":            "720h",
		"--customer a --staff b":          "can't be used together",
		"--admin --expires soon":          "expires",
		"--admin --data-dir " + dir + "x": "--data-dir",
	} {
		got := call(t, append(strings.Fields("token --data-dir "+dir), strings.Fields(args)...)...)
		if got.status == exitGood || got.out != "" || !strings.Contains(got.err, want) {
			t.Errorf("%q: %+v, want %q", args, got, want)
		}
	}
	if help := call(t, "token", "--help"); !strings.Contains(help.out, "customers(first: 5)") {
		t.Errorf("%+v", help)
	}
}

// The IDs in the help can be tried.
func TestTokenHelp(t *testing.T) {
	t.Parallel()
	ids := regexp.MustCompile(`--(customer|staff) (\w+)`).FindAllStringSubmatch((*tokenCommand)(nil).Help(), -1)
	kinds := map[string]store.Kind{"customer": store.KindCustomer, "staff": store.KindEmployee}
	for _, m := range ids {
		if err := isOf(kinds[m[1]], "--"+m[1], m[2]); err != nil {
			t.Error(err)
		}
	}
	if len(ids) < 2 {
		t.Errorf("there are %d examples", len(ids))
	}
}
