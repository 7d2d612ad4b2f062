package gateway

import (
	"net/http"
	"net/url"
	"strconv"
	"unicode/utf8"
)

// get is the transport of queries in a URL.
type get struct{ runner }

func (t get) do(w http.ResponseWriter, r *http.Request) {
	media := negotiate(r.Header["Accept"])
	if media == nil {
		refuseMedia(w)
		return
	}
	req := requestOf(r.Context())
	if refused := parseParams(r.URL.RawQuery, &req.params); refused != nil {
		writeRefusal(w, media, *refused)
		return
	}
	req.wasRead(r.Header)
	t.run(w, r, req, media)
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
