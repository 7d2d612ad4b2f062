package gateway

import "net/http"

// post is the transport of operations in a JSON body.
type post struct{ runner }

func (t post) do(w http.ResponseWriter, r *http.Request) {
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
	req := requestOf(r.Context())
	if refused := readParams(w, r, t.limits, &req.params); refused != nil {
		writeRefusal(w, media, *refused)
		return
	}
	req.wasRead(r.Header)
	t.run(w, r, req, media)
}

func refuseMedia(w http.ResponseWriter) {
	writeRefusal(w, mediaJSON, refusal{
		status:  http.StatusNotAcceptable,
		code:    CodeNotAcceptable,
		message: "answers are application/graphql-response+json or application/json",
	})
}
