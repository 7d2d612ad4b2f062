package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
)

// maxPooled keeps a rare giant from staying in a pool.
const maxPooled = 1 << 20

//nolint:gochecknoglobals // a pool is for the whole process
var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// readParams reads the operation from a request body. What the client hears of a bad one says what
// is wrong and nothing of what it held.
func readParams(w http.ResponseWriter, r *http.Request, limit int64, p *graphql.RawParams) *refusal {
	if coding := r.Header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		return &refusal{
			status:  http.StatusUnsupportedMediaType,
			code:    CodeUnsupportedContent,
			message: "send the body without a Content-Encoding",
		}
	}
	if r.ContentLength > limit {
		w.Header().Set("Connection", "close") // rather than read what nobody wants
		return tooLarge(limit)
	}
	body := bodies.Get().(*bytes.Buffer) // the pool holds nothing else
	body.Reset()
	defer func() {
		if body.Cap() <= maxPooled {
			bodies.Put(body)
		}
	}()
	src := r.Body
	if r.ContentLength < 0 {
		src = http.MaxBytesReader(w, r.Body, limit)
	}
	if _, err := body.ReadFrom(src); err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return tooLarge(limit)
		}
		return badRequest("the body could not be read to its end")
	}
	return decodeParams(body.Bytes(), p)
}

// decodeParams reads one JSON object and nothing after it.
func decodeParams(body []byte, p *graphql.RawParams) *refusal {
	if !utf8.Valid(body) {
		return badRequest("the body is not UTF-8")
	}
	if first := bytes.TrimLeft(body, " \t\r\n"); len(first) > 0 && first[0] == '[' {
		return &refusal{
			status:  http.StatusBadRequest,
			code:    CodeBatching,
			message: "send one operation per request, as a JSON object",
		}
	} else if len(first) == 0 || first[0] != '{' {
		return badRequest("the body must be a JSON object")
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if err := dec.Decode(p); err != nil {
		return badRequest(describe(err, len(body)))
	}
	if rest := body[dec.InputOffset():]; len(bytes.TrimLeft(rest, " \t\r\n")) > 0 {
		return badRequest("the body must end after its JSON object")
	}
	if p.Query == "" {
		return badRequest(`the body has no "query"`)
	}
	return nil
}

// describe says where a body stops being what it should be.
func describe(err error, length int) string {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		switch wrong.Field {
		case "query", "operationName":
			return `"` + wrong.Field + `" must be a string`
		case "variables", "extensions":
			return `"` + wrong.Field + `" must be an object`
		}
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return "the body is not JSON, from byte " + strconv.FormatInt(syntax.Offset, 10)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return "the body is not JSON: it ends early, at byte " + strconv.Itoa(length)
	}
	return "the body is not JSON"
}

func badRequest(message string) *refusal {
	return &refusal{status: http.StatusBadRequest, code: CodeBadRequest, message: message}
}

func tooLarge(limit int64) *refusal {
	return &refusal{
		status:  http.StatusRequestEntityTooLarge,
		code:    CodePayloadTooLarge,
		message: "the body may have at most " + strconv.FormatInt(limit, 10) + " bytes",
	}
}
