package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"backline/gateway/identity"
)

// auditLine is a line of the audit log.
type auditLine struct {
	Msg, What, Subject, Via, Operation, Document string
	Objects                                      []string
	RequestID                                    string `json:"request_id"`
	TraceID                                      string `json:"trace_id"`
	Audit                                        bool
}

// A denial and a privileged read over HTTP are written down, with what finds the request again and
// whom it was about, and nothing that was sent or is in a row.
func TestAuditLog(t *testing.T) { //nolint:paralleltest // it sets the environment
	collector := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(collector.Close)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
	file := filepath.Join(t.TempDir(), "audit.jsonl")
	args := settings(t, "--audit-log="+file)
	r := start(t, args)
	dir := strings.TrimPrefix(args[2], "--data-dir=")
	admin := mint(t, dir, identity.Person{Subject: "admin", Scopes: []string{"admin"}})
	var page struct {
		Data struct {
			Customers struct{ Nodes []struct{ ID, Email string } }
		}
	}
	status, body := r.query(`query Everybody { customers(first: 2) { nodes { id email } } }`, admin)
	if err := json.Unmarshal([]byte(body), &page); err != nil || status != 200 || len(page.Data.Customers.Nodes) != 2 {
		t.Fatalf("%d %s", status, body)
	}
	ours, theirs := page.Data.Customers.Nodes[0], page.Data.Customers.Nodes[1]
	if got := readAudit(t, file); len(got) != 1 || got[0].Msg != "privileged read" || got[0].What != "Query.customers" ||
		got[0].Subject != "admin" || got[0].Operation != "Everybody" || !slices.Equal(got[0].Objects, []string{ours.ID, theirs.ID}) {
		t.Errorf("a privileged read: %+v", got)
	}

	customer := mint(t, dir, identity.Person{Subject: ours.ID})
	const trace = "0af7651916cd43dd8448eb211c80319c"
	status, body = r.request(`{"query":"query Pry($id: ID!) { customer(id: $id) { email } }","variables":{"id":"`+theirs.ID+`","secret":"s3cret"}}`,
		customer, "Traceparent: 00-"+trace+"-b7ad6b7169203331-01", "X-Request-Id: a-request")
	if status != 200 || body != `{"data":{"customer":null}}` {
		t.Errorf("%d %s", status, body)
	}
	if status, body := r.query(`{ customer(id: "`+ours.ID+`") { email } }`, customer); status != 200 || !strings.Contains(body, ours.Email) {
		t.Errorf("their own: %d %s", status, body)
	}
	lines := readAudit(t, file)
	if len(lines) != 2 { // nothing about a customer who reads what is theirs
		t.Fatalf("%+v", lines)
	}
	got := lines[1]
	if got.Msg != "denied" || got.What != "Customer" || got.Subject != ours.ID || got.Via != "token" || got.Operation != "Pry" ||
		len(got.Document) != 64 || got.Document == lines[0].Document || !slices.Equal(got.Objects, []string{theirs.ID}) ||
		got.TraceID != trace || got.RequestID != "a-request" || !got.Audit {
		t.Errorf("a denial: %+v", got)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"s3cret", "@", "eyJ", customer[len(customer)-20:], admin[len(admin)-20:], "email"} {
		if bytes.Contains(content, []byte(secret)) {
			t.Errorf("%q is in the audit log: %s", secret, content)
		}
	}
}

func readAudit(t *testing.T, path string) []auditLine {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var lines []auditLine
	for s := bufio.NewScanner(f); s.Scan(); {
		var l auditLine
		if err := json.Unmarshal(s.Bytes(), &l); err != nil {
			t.Fatalf("%s: %v", s.Text(), err)
		}
		lines = append(lines, l)
	}
	return lines
}
