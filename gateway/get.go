package gateway

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
)

// get is the transport of queries in a URL.
type get struct{ runner }

// Supports implements graphql.Transport.
func (get) Supports(r *http.Request) bool { return r.Method == http.MethodGet }

// Do implements graphql.Transport.
func (t get) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	media := negotiate(r.Header["Accept"])
	if media == nil {
		refuseMedia(w)
		return
	}
	p := graphql.RawParams{Headers: r.Header}
	p.ReadTime.Start = graphql.Now()
	if refused := parseParams(r.URL.RawQuery, &p); refused != nil {
		writeRefusal(w, media, *refused)
		return
	}
	p.ReadTime.End = graphql.Now()
	t.run(w, r, exec, &p, media)
}

// parseParams reads the operation from the query of a URL.
func parseParams(raw string, p *graphql.RawParams) *refusal {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return badRequest("the query of the URL is not well formed")
	}
	for _, name := range []string{"query", "operationName", "variables", "extensions"} {
		if len(values[name]) > 1 {
			return badRequest(`the URL has more than one "` + name + `"`)
		}
		if !utf8.ValidString(values.Get(name)) {
			return badRequest(`"` + name + `" is not UTF-8`)
		}
	}
	p.Query, p.OperationName = values.Get("query"), values.Get("operationName")
	if p.Query == "" {
		return badRequest(`the URL has no "query"`)
	}
	if !decodeObject(values.Get("variables"), &p.Variables) {
		return badRequest(`"variables" must be a JSON object`)
	}
	if !decodeObject(values.Get("extensions"), &p.Extensions) {
		return badRequest(`"extensions" must be a JSON object`)
	}
	return nil
}

// decodeObject reads a JSON object that is all of s; no text at all is no object.
func decodeObject(s string, into *map[string]any) bool {
	if s == "" {
		return true
	}
	dec := json.NewDecoder(strings.NewReader(s))
	dec.UseNumber()
	if dec.Decode(into) != nil {
		return false
	}
	_, err := dec.Token()
	return err == io.EOF // the decoder returns it as it is
}
