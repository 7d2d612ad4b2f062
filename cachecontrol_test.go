package main

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"backline/store"
)

// TestCacheControl: what answers say about how long they may be kept, over HTTP.
func TestCacheControl(t *testing.T) {
	t.Parallel()
	r := start(t, settings(t))
	nobody := store.NodeID{Kind: store.KindOf("Customer"), ID: 1 << 22}.String()
	somebody := store.NodeID{Kind: store.KindOf("Employee"), ID: 1}.String()
	const artists = `{ artists(first: 2) { nodes { id name albums(first: 1) { nodes { title } } } pageInfo { hasNextPage } totalCount } }`
	for name, c := range map[string]struct {
		query   string
		headers []string
		want    string
	}{
		"a list with its pages":         {query: artists, want: "max-age=60, public"},
		"of rows that change seldom":    {query: `{ genres { nodes { name } } }`, want: "max-age=600, public"},
		"the least of both":             {query: `{ genres { nodes { name } } artists(first: 1) { edges { node { name } } } }`, want: "max-age=60, public"},
		"a search":                      {query: `{ search(query: "a") { edges { rank node { __typename ... on Artist { name } } } } }`, want: "max-age=60, public"},
		"who is asking":                 {query: `{ viewer { subject } }`, want: "no-store"},
		"any object":                    {query: `{ node(id: "art_184800r4") { id } }`, want: "no-store"},
		"a customer beside artists":     {query: `{ artists(first: 1) { nodes { name } } customer(id: "` + nobody + `") { email invoices { totalCount } } }`, want: "max-age=10, private"},
		"an employee":                   {query: `{ employee(id: "` + somebody + `") { lastName } }`, want: "no-store"},
		"without the customer":          {query: `query ($all: Boolean = false) { artists(first: 1) { nodes { name } } viewer @include(if: $all) { subject } }`, want: "max-age=60, public"},
		"the schema":                    {query: `{ __schema { queryType { name } } }`, want: "no-store"},
		"the name of a type":            {query: `{ __typename }`, want: "no-store"},
		"an error":                      {query: `{ artists(first: 1000) { nodes { name } } }`, want: "no-store"},
		"a document that is wrong":      {query: `{ artistes }`, want: "no-store"},
		"with the statements behind it": {query: artists, headers: []string{"Backline-Trace: 1"}, want: "no-store"},
		"with what it cost":             {query: artists, headers: []string{"GraphQL-Cost: report"}, want: "no-store"},
	} {
		for _, method := range []string{http.MethodPost, http.MethodGet} {
			h := r.header(t, method, c.query, c.headers...)
			if got := h.Get("Cache-Control"); got != c.want {
				t.Errorf("%s with %s: got %q, want %q", name, method, got, c.want)
			}
			vary, isPublic := strings.Join(h["Vary"], ", "), strings.HasSuffix(c.want, "public")
			if !strings.Contains(vary, "Accept-Encoding") || strings.Contains(vary, "Authorization, X-API-Key") == isPublic {
				t.Errorf("%s with %s: it varies by %s", name, method, vary)
			}
			if left := h.Get("RateLimit"); isPublic && left != "" {
				t.Errorf("%s with %s: everybody would hear what is left of one budget: %s", name, method, left)
			}
		}
	}
	// A document by its id, as a CDN keeps it.
	sum := sha256.Sum256([]byte(artists))
	extensions := `{"persistedQuery":{"version":1,"sha256Hash":"` + hex.EncodeToString(sum[:]) + `"}}`
	kept := "extensions=" + url.QueryEscape(extensions)
	for _, c := range [][2]string{{kept, "no-store"}, {kept + "&query=" + url.QueryEscape(artists), "max-age=60, public"}, {kept, "max-age=60, public"}} {
		if got := r.header(t, http.MethodGet, "?"+c[0]).Get("Cache-Control"); got != c[1] {
			t.Errorf("by its hash: %q, want %q", got, c[1])
		}
	}
}

// header sends a query, or with "?" what stands in a URL, and gives the header of the answer.
func (r *running) header(t *testing.T, method, query string, headers ...string) http.Header {
	t.Helper()
	address, body := r.url+"/graphql", ""
	switch {
	case query[0] == '?':
		address += query
	case method == http.MethodGet:
		address += "?query=" + url.QueryEscape(query)
	default:
		body = `{"query":` + quote(query) + `}`
	}
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("GraphQL-Require-Preflight", "1")
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.Header
}

func quote(text string) string { return `"` + strings.ReplaceAll(text, `"`, `\"`) + `"` }
