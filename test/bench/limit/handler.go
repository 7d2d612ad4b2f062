package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"

	"github.com/jackc/pgx/v5/pgxpool"
)

type handler struct{ db *pgxpool.Pool }

// answers by the name of the operation.
var answers = map[string]func(ctx context.Context, db *pgxpool.Pool, b []byte, id int64) ([]byte, error){
	"Deep": deep, "CustomerPage": customerPage, "Flat": flat, "Point": point,
}

var buffers = sync.Pool{New: func() any { return &buffer{b: make([]byte, 0, 128<<10)} }}

type buffer struct{ b []byte }

var contentType = []string{"application/json"}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	buf := buffers.Get().(*buffer)
	defer buffers.Put(buf)
	if r.ContentLength < 0 || r.ContentLength > 64<<10 {
		http.Error(w, "a body of known length is needed", http.StatusBadRequest)
		return
	}
	body := buf.b[:r.ContentLength]
	if _, err := io.ReadFull(r.Body, body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer := answers[string(text(body, `"operationName":"`))]
	id, err := variable(body)
	if answer == nil || err != nil {
		http.Error(w, "no such operation", http.StatusBadRequest)
		return
	}
	b, err := answer(r.Context(), h.db, buf.b[:0], id)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	buf.b = b[:0]
	header := w.Header()
	header["Content-Type"] = contentType
	header["Content-Length"] = []string{strconv.Itoa(len(b))}
	w.Write(b)
}

// variable reads the request's one variable, an ID: {"after":"123"} or {"id":"123"}.
func variable(body []byte) (int64, error) {
	_, variables, ok := bytes.Cut(body, []byte(`"variables":{"`))
	if !ok {
		return 0, fmt.Errorf("no variables")
	}
	return strconv.ParseInt(string(text(variables, `":"`)), 10, 64)
}

// text is what stands behind a mark, up to the next quote.
func text(body []byte, mark string) []byte {
	i := bytes.Index(body, []byte(mark))
	if i < 0 {
		return nil
	}
	body = body[i+len(mark):]
	return body[:max(0, bytes.IndexByte(body, '"'))]
}
