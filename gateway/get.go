package gateway

import (
	"net/http"
	"net/url"
	"strconv"
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
	p := params{RawParams: graphql.RawParams{Headers: r.Header}}
	p.ReadTime.Start = graphql.Now()
	if refused := parseParams(r.URL.RawQuery, &p); refused != nil {
		writeRefusal(w, media, *refused)
		return
	}
	p.ReadTime.End = graphql.Now()
	t.run(w, r, exec, &p, media)
}

// parseParams reads the operation from the query of a URL.
func parseParams(raw string, p *params) *refusal {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return badRequest("the query of the URL is not well formed")
	}
	for name, list := range values {
		switch known := parameter(name); {
		case known == "":
			continue
		case known != name:
			return badRequest("the URL has " + strconv.Quote(known) + " in other capitals")
		case len(list) > 1:
			return badRequest("the URL has more than one " + strconv.Quote(known))
		case !utf8.ValidString(list[0]):
			return badRequest(strconv.Quote(known) + " is not UTF-8")
		}
	}
	p.Query, p.OperationName = values.Get("query"), values.Get("operationName")
	p.documentID = values.Get("documentId")
	if other := values.Get("doc_id"); other != "" {
		if p.documentID != "" {
			return badRequest(errTwoIDs.Error())
		}
		p.documentID = other
	}
	if refused := decodeObject("variables", values.Get("variables"), &p.Variables); refused != nil {
		return refused
	}
	if refused := decodeObject("extensions", values.Get("extensions"), &p.Extensions); refused != nil {
		return refused
	}
	return p.check("the URL")
}
