package fleet

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Answer is what a client gets.
type Answer struct {
	Status int         `json:"-"`
	Header http.Header `json:"-"`
	Body   []byte      `json:"-"` // as it came
	Data   json.RawMessage
	Errors []struct {
		Message    string
		Extensions struct{ Code string }
	}
}

// Codes are those of the errors, with blanks between; "" if there are none.
func (a *Answer) Codes() string {
	codes := make([]string, len(a.Errors))
	for i, e := range a.Errors {
		codes[i] = e.Extensions.Code
	}
	return strings.Join(codes, " ")
}

// Ask posts an operation. Headers are "Name: value". An error says that there was no answer in GraphQL.
func (s *Server) Ask(ctx context.Context, client *http.Client, query string, variables map[string]any, headers ...string) (*Answer, error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL()+"/graphql", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	resp, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	a := &Answer{Status: resp.StatusCode, Header: resp.Header}
	if a.Body, err = io.ReadAll(resp.Body); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(a.Body, a); err != nil {
		return nil, fmt.Errorf("read the answer of %s: %w: %.200s", s.Name, err, a.Body)
	}
	return a, nil
}
