package gateway

import (
	"net/http"

	"github.com/99designs/gqlgen/graphql"
)

// post is the transport of operations in a JSON body.
type post struct{ runner }

// Supports implements graphql.Transport.
func (post) Supports(r *http.Request) bool { return r.Method == http.MethodPost }

// Do implements graphql.Transport.
func (t post) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	media := negotiate(r.Header["Accept"])
	if media == nil {
		refuseMedia(w)
		return
	}
	if !isJSON(r.Header) {
		writeRefusal(w, media, refusal{
			status:  http.StatusUnsupportedMediaType,
			code:    CodeUnsupportedContent,
			message: "send the operation as application/json in UTF-8",
		})
		return
	}
	p := params{RawParams: graphql.RawParams{Headers: r.Header}}
	p.ReadTime.Start = graphql.Now()
	if refused := readParams(w, r, t.limits, &p); refused != nil {
		writeRefusal(w, media, *refused)
		return
	}
	p.ReadTime.End = graphql.Now()
	t.run(w, r, exec, &p, media)
}

func refuseMedia(w http.ResponseWriter) {
	writeRefusal(w, mediaJSON, refusal{
		status:  http.StatusNotAcceptable,
		code:    CodeNotAcceptable,
		message: "answers are application/graphql-response+json or application/json",
	})
}
