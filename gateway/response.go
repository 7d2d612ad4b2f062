package gateway

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"backline/graph/breadth"
)

// writeResponse writes a response in one piece. The data is already JSON and goes out as it is; a
// response without data has no "data" at all, as the specification asks of a request error.
//
// The executor may have left the data in buf. Then an answer without errors, which is nearly every
// answer, is complete there but for its last brace, and is not copied.
func writeResponse(w http.ResponseWriter, media []string, resp *graphql.Response, buf *breadth.Buffer, limits Limits, keepers keepers) {
	if len(resp.Data) > limits.ResponseBytes {
		refuseResponse(w, media, limits.ResponseBytes)
		return
	}
	inPlace := liesIn(resp.Data, buf)
	if inPlace && len(resp.Errors) == 0 && len(resp.Extensions) == 0 {
		buf.B = append(buf.B, '}')
		keepers.write(w.Header(), buf.Plan)
		send(w, media, http.StatusOK, buf.B)
		return
	}
	if inPlace {
		buf = breadth.GetBuffer()
		defer buf.Release()
	}
	status := http.StatusOK
	buf.B = append(buf.B[:0], '{')
	if len(resp.Errors) > 0 {
		buf.B = member(buf.B, "errors", told(resp.Errors, limits.Errors))
		if resp.Data == nil {
			status = statusOf(codeOf(resp.Errors[0]), media)
		}
	}
	if resp.Data != nil {
		buf.B = append(key(buf.B, "data"), resp.Data...)
	}
	if len(resp.Extensions) > 0 {
		buf.B = member(buf.B, "extensions", resp.Extensions)
	}
	buf.B = append(buf.B, '}')
	if len(buf.B) > limits.ResponseBytes {
		refuseResponse(w, media, limits.ResponseBytes)
		return
	}
	send(w, media, status, buf.B)
}

func refuseResponse(w http.ResponseWriter, media []string, limit int) {
	writeRefusal(w, media, refusal{
		status:  http.StatusBadRequest,
		code:    CodeResponseTooLarge,
		message: "the answer has more than " + strconv.Itoa(limit) + " bytes: ask for less at once",
	})
}

// told are the errors that an answer tells. If they are not all, the last one says how many more
// there are: a client must not take them for all that went wrong.
func told(list gqlerror.List, limit int) gqlerror.List {
	if len(list) <= limit {
		return list
	}
	last := *list[limit-1]
	last.Extensions = maps.Clone(last.Extensions)
	if last.Extensions == nil {
		last.Extensions = map[string]any{}
	}
	last.Extensions["omitted"] = len(list) - limit
	return append(list[:limit-1:limit-1], &last)
}

// liesIn reports whether the data is all that stands in the buffer behind its prefix.
func liesIn(data []byte, buf *breadth.Buffer) bool {
	n := len(buf.B) - len(breadth.Prefix)
	return n > 0 && len(data) == n && &data[0] == &buf.B[len(breadth.Prefix)]
}

func key(b []byte, name string) []byte {
	if len(b) > 1 {
		b = append(b, ',')
	}
	b = append(b, '"')
	b = append(b, name...)
	return append(b, `":`...)
}

// member writes what is not data. A value that cannot be encoded is a fault of ours: it panics, and
// the client gets an internal error.
func member(b []byte, name string, v any) []byte {
	encoded, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Errorf("encode %s: %w", name, err))
	}
	return append(key(b, name), encoded...)
}

// maxGathered is the longest body of which net/http finds out the length itself, at less than a header
// that we set.
const maxGathered = 2 << 10

// send writes the head and the body of an answer.
func send(w http.ResponseWriter, media []string, status int, body []byte) {
	h := w.Header()
	h["Content-Type"] = media
	if c, ok := w.(compressed); ok && len(body) >= minCompressed {
		packed := c.pack(body)
		defer putBody(packed)
		h["Content-Encoding"], body = []string{c.coding}, packed.Bytes()
	}
	if len(body) > maxGathered {
		h["Content-Length"] = []string{strconv.Itoa(len(body))}
	}
	w.WriteHeader(status)
	w.Write(body) //nolint:errcheck,gosec // the client is gone, and nobody else would hear of it; no browser runs JSON
}
