package gateway

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// maxPooled keeps a rare giant from staying in a pool.
const maxPooled = 1 << 20

//nolint:gochecknoglobals // a pool is for the whole process
var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// readParams reads the operation from a request body. What the client hears of a bad one says what
// is wrong and nothing of what it held.
func readParams(w http.ResponseWriter, r *http.Request, limits Limits, p *graphql.RawParams) *refusal {
	for _, line := range r.Header["Content-Encoding"] {
		if line != "" && !strings.EqualFold(line, "identity") {
			return &refusal{
				status:  http.StatusUnsupportedMediaType,
				code:    CodeUnsupportedContent,
				message: "send the body without a Content-Encoding",
			}
		}
	}
	if r.ContentLength > limits.BodyBytes {
		w.Header().Set("Connection", "close") // rather than read what nobody wants
		return tooLarge(limits.BodyBytes)
	}
	body := bodies.Get().(*bytes.Buffer) //nolint:errcheck,forcetypeassert // the pool holds nothing else
	body.Reset()
	defer func() {
		if body.Cap() <= maxPooled {
			bodies.Put(body)
		}
	}()
	if err := readBody(w, r, limits, body); err != nil {
		w.Header().Set("Connection", "close")
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return tooLarge(limits.BodyBytes)
		}
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return &refusal{
				status:  http.StatusRequestTimeout,
				code:    CodeBadRequest,
				message: "the body took too long to arrive",
			}
		}
		return badRequest("the body could not be read to its end")
	}
	return decodeParams(body.Bytes(), p)
}

// readBody reads a body that comes in time: the context of the request does not end a read that
// waits for the network.
func readBody(w http.ResponseWriter, r *http.Request, limits Limits, body *bytes.Buffer) error {
	var src io.Reader = r.Body
	if r.ContentLength < 0 {
		src = http.MaxBytesReader(w, r.Body, limits.BodyBytes)
	}
	conn := http.NewResponseController(w)
	if conn.SetReadDeadline(time.Now().Add(limits.Timeout)) == nil {
		defer conn.SetReadDeadline(time.Time{}) //nolint:errcheck // it worked a moment ago
	}
	_, err := body.ReadFrom(src)
	return err
}

func tooLarge(limit int64) *refusal {
	return &refusal{
		status:  http.StatusRequestEntityTooLarge,
		code:    CodePayloadTooLarge,
		message: "the body may have at most " + strconv.FormatInt(limit, 10) + " bytes",
	}
}
