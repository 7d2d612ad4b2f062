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
)

// maxPooled keeps a rare giant from staying in a pool.
const maxPooled = 1 << 20

//nolint:gochecknoglobals // a pool is for the whole process
var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// takeBody is an empty buffer for a body, of a request or of an answer.
func takeBody() *bytes.Buffer {
	body := bodies.Get().(*bytes.Buffer)
	body.Reset()
	return body
}

func putBody(body *bytes.Buffer) {
	if body.Cap() <= maxPooled {
		bodies.Put(body)
	}
}

// readParams reads the operation from a request body. What the client hears of a bad one says what
// is wrong and nothing of what it held.
func readParams(w http.ResponseWriter, r *http.Request, limits Limits, p *params) *refusal {
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
	body := takeBody()
	defer putBody(body)
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

// withBodyDeadline bounds the time in which a body must arrive: the context of a request does not
// end a read that waits for the network. The deadline stays for what is left of a body that nobody
// wants, which net/http reads before it takes the next request.
func withBodyDeadline(limit time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 { // else a read is under way that looks for the client's end
			http.NewResponseController(w).SetReadDeadline(time.Now().Add(limit)) //nolint:errcheck // only a real connection has one
		}
		next.ServeHTTP(w, r)
	})
}

// readBody reads a whole body. Then the deadline is over: the next read looks for the client's end.
func readBody(w http.ResponseWriter, r *http.Request, limits Limits, body *bytes.Buffer) error {
	var src io.Reader = r.Body
	if r.ContentLength < 0 {
		src = http.MaxBytesReader(w, r.Body, limits.BodyBytes)
	}
	if _, err := body.ReadFrom(src); err != nil {
		return err
	}
	http.NewResponseController(w).SetReadDeadline(time.Time{}) //nolint:errcheck // as above
	return nil
}

func tooLarge(limit int64) *refusal {
	return &refusal{
		status:  http.StatusRequestEntityTooLarge,
		code:    CodePayloadTooLarge,
		message: "the body may have at most " + strconv.FormatInt(limit, 10) + " bytes",
	}
}
