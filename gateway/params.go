package gateway

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
)

// params are what a request says about its operation.
type params struct {
	graphql.RawParams
	documentID string // "": it has none
}

// check finds out that no document is meant at all; subject is where it should have been.
func (p *params) check(subject string) *refusal {
	if p.Query == "" && p.documentID == "" && p.Extensions["persistedQuery"] == nil {
		return badRequest(subject + ` has no "query"`)
	}
	return nil
}

// decodeParams reads an operation: one JSON object and nothing after it. Members of other names are
// read and left alone.
func decodeParams(body []byte, p *params) *refusal {
	if !utf8.Valid(body) {
		return badRequest("the body is not UTF-8")
	}
	r := &jsonReader{in: body}
	switch r.space() {
	case '{':
	case '[':
		return batching()
	default:
		return badRequest("the body must be a JSON object")
	}
	if err := r.members(0, members(r, p)); err != nil {
		return refusedJSON("the body", err)
	}
	if r.end() != nil {
		return badRequest("the body must end after its JSON object")
	}
	return p.check("the body")
}

// members reads the members of an operation. A name that differs from a known one in capitals alone
// is an error: other readers, encoding/json among them, take it for the same.
func members(r *jsonReader, p *params) func(raw []byte, start int) error {
	var seen names
	return func(raw []byte, start int) error {
		name := nameOf(raw)
		known := parameter(name)
		if seen.has(name) || known != "" && known != name {
			problem := "has a name twice in one object"
			if known != name {
				problem = "has " + strconv.Quote(known) + " in other capitals"
			}
			r.at = start
			return r.fail(problem)
		}
		seen.add(name)
		return p.member(r, name)
	}
}

// member reads the value of a member; null is as good as none.
func (p *params) member(r *jsonReader, name string) error {
	switch name {
	case "query":
		return readText(r, name, &p.Query)
	case "documentId", "doc_id":
		if p.documentID == "" {
			return readText(r, name, &p.documentID)
		}
		v, err := r.value(1)
		if err == nil && v != nil {
			err = errTwoIDs
		}
		return err
	case "operationName":
		return readText(r, name, &p.OperationName)
	case "variables":
		return readObject(r, name, &p.Variables)
	case "extensions":
		return readObject(r, name, &p.Extensions)
	}
	_, err := r.value(1)
	return err
}

func readText(r *jsonReader, name string, into *string) (err error) {
	if r.space() == '"' {
		*into, err = r.text()
		return err
	}
	v, err := r.value(1)
	if err == nil && v != nil {
		err = typeError(name)
	}
	return err
}

func readObject(r *jsonReader, name string, into *map[string]any) error {
	v, err := r.value(1)
	if err != nil || v == nil {
		return err
	}
	m, ok := v.(map[string]any)
	if !ok {
		return typeError(name)
	}
	*into = m
	return nil
}

// names are the members that an object has had. There are a few, unless somebody means harm.
type names struct {
	few  [4]string
	n    int
	many map[string]bool
}

func (s *names) has(name string) bool {
	return slices.Contains(s.few[:min(s.n, len(s.few))], name) || s.many[name]
}

func (s *names) add(name string) {
	if s.n < len(s.few) {
		s.few[s.n] = name
	} else {
		if s.many == nil {
			s.many = map[string]bool{}
		}
		s.many[name] = true
	}
	s.n++
}

//nolint:gochecknoglobals // a constant, as far as Go has them
var parameters = [...]string{"query", "documentId", "doc_id", "operationName", "variables", "extensions"}

// nameOf is a name that was read, which is only copied if it is none of ours.
func nameOf(raw []byte) string {
	for _, known := range parameters {
		if string(raw) == known {
			return known
		}
	}
	return string(raw)
}

// parameter is the parameter of a request that a name stands for, whatever its capitals; "" if there
// is none. Relay's documentation calls documentId doc_id; what other clients send as id names a request
// and not a document.
func parameter(name string) string {
	if slices.Contains(parameters[:], name) { // as it should be
		return name
	}
	for _, known := range parameters {
		if strings.EqualFold(name, known) {
			return known
		}
	}
	return ""
}

// errTwoIDs is the error of a document that is named twice.
const errTwoIDs = wording(`"documentId" and "doc_id" are the same: send one of them`)

// wording is an error that is written here.
type wording string

func (w wording) Error() string { return string(w) }

// typeError is the error of a parameter that has the wrong type.
type typeError string

func (name typeError) Error() string {
	kind := "an object"
	switch name {
	case "query", "documentId", "doc_id", "operationName":
		kind = "a string"
	}
	return `"` + string(name) + `" must be ` + kind
}

// decodeObject reads a JSON object, or null, that is all of s; no text at all is none.
func decodeObject(name, s string, into *map[string]any) *refusal {
	if s == "" {
		return nil
	}
	r := &jsonReader{in: []byte(s)}
	v, err := r.value(0)
	if err == nil {
		err = r.end()
	}
	if err != nil {
		return refusedJSON(strconv.Quote(name), err)
	}
	if v == nil {
		return nil
	}
	m, ok := v.(map[string]any)
	if !ok {
		return badRequest(typeError(name).Error())
	}
	*into = m
	return nil
}

func refusedJSON(subject string, err error) *refusal {
	if wrong, ok := errors.AsType[typeError](err); ok {
		return badRequest(wrong.Error())
	}
	if wrong, ok := errors.AsType[wording](err); ok {
		return badRequest(wrong.Error())
	}
	return badRequest(subject + " " + err.Error())
}

func batching() *refusal {
	return &refusal{
		status:  http.StatusBadRequest,
		code:    CodeBatching,
		message: "send one operation per request, as a JSON object",
	}
}

func badRequest(message string) *refusal {
	return &refusal{status: http.StatusBadRequest, code: CodeBadRequest, message: message}
}
