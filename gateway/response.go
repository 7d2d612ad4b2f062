package gateway

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"

	"github.com/99designs/gqlgen/graphql"
)

//nolint:gochecknoglobals // a pool is for the whole process
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// writeResponse writes a response in one piece. The data is already JSON and goes out as it is; a
// response without data has no "data" at all, as the specification asks of a request error.
func writeResponse(w http.ResponseWriter, media []string, resp *graphql.Response) {
	buf := buffers.Get().(*bytes.Buffer) //nolint:errcheck,forcetypeassert // the pool holds nothing else
	buf.Reset()
	defer func() {
		if buf.Cap() <= maxPooled {
			buffers.Put(buf)
		}
	}()
	status := http.StatusOK
	buf.WriteByte('{')
	if len(resp.Errors) > 0 {
		member(buf, "errors", resp.Errors)
		if resp.Data == nil {
			status = statusOf(codeOf(resp.Errors[0]), media)
		}
	}
	if resp.Data != nil {
		key(buf, "data")
		buf.Write(resp.Data)
	}
	if len(resp.Extensions) > 0 {
		member(buf, "extensions", resp.Extensions)
	}
	buf.WriteByte('}')
	send(w, media, status, buf.Bytes())
}

func key(buf *bytes.Buffer, name string) {
	if buf.Len() > 1 {
		buf.WriteByte(',')
	}
	buf.WriteByte('"')
	buf.WriteString(name)
	buf.WriteString(`":`)
}

// member writes what is not data. A value that cannot be encoded is a fault of ours: it panics, and
// the client gets an internal error.
func member(buf *bytes.Buffer, name string, v any) {
	key(buf, name)
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Errorf("encode %s: %w", name, err))
	}
	buf.Write(b)
}

// send writes the head and the body of an answer.
func send(w http.ResponseWriter, media []string, status int, body []byte) {
	h := w.Header()
	h["Content-Type"] = media
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(status)
	w.Write(body) //nolint:errcheck // the client is gone, and nobody else would hear of it
}
