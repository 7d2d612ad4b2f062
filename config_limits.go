package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"backline/gateway"
	"backline/gateway/limit"
)

// Limits bound what one request may ask for, in the order in which they are checked. 0 means no
// bound, except where there must be one.
type Limits struct {
	Body               Bytes `name:"body" default:"128KiB" placeholder:"BYTES" help:"The body of a request. There must be a limit. Code: PAYLOAD_TOO_LARGE."`
	Document           Bytes `name:"document" default:"15000" placeholder:"BYTES" help:"The text of a document. Here and below 0 is no limit. Code: QUERY_TOO_LARGE."`
	Tokens             int   `name:"tokens" default:"1000" placeholder:"N" help:"The lexical tokens of a document; comments are none. Code: TOKEN_LIMIT."`
	Operations         int   `name:"operations" default:"10" placeholder:"N" help:"The operations that one document defines. Code: OPERATION_LIMIT."`
	Depth              int   `name:"depth" default:"12" placeholder:"N" help:"The fields on the way to the deepest one, fragments expanded. Code: DEPTH_LIMIT."`
	IntrospectionDepth int   `name:"introspection-depth" default:"16" placeholder:"N" help:"The same below __schema and __type; the usual question after the whole schema is 15 deep. Code: DEPTH_LIMIT."`
	Aliases            int   `name:"aliases" default:"30" placeholder:"N" help:"The fields of an operation with another name, fragments expanded. Code: ALIAS_LIMIT."`
	RootFields         int   `name:"root-fields" default:"10" placeholder:"N" help:"The response names at the top of an operation. Code: ROOT_FIELD_LIMIT."`
	MutationFields     int   `name:"mutation-fields" default:"5" placeholder:"N" help:"The same for mutations, which run one after the other. Code: ROOT_FIELD_LIMIT."`
	Directives         int   `name:"directives" default:"50" placeholder:"N" help:"The directives of an operation, fragments expanded. Code: DIRECTIVE_LIMIT."`
	Selections         int   `name:"selections" default:"500" placeholder:"N" help:"The fields, inline fragments and spreads of an operation, fragments expanded. Code: SELECTION_LIMIT."`
	PageSize           int   `name:"page-size" default:"100" placeholder:"N" help:"The arguments first and last. Code: PAGE_SIZE."`
	InputDepth         int   `name:"input-depth" default:"20" placeholder:"N" help:"How deep lists and objects nest in an argument or a variable. Code: INPUT_DEPTH."`
	List               int   `name:"list" default:"1000" placeholder:"N" help:"The items of one list in an argument or a variable. Code: LIST_TOO_LONG."`
	String             Bytes `name:"string" default:"10KiB" placeholder:"BYTES" help:"One string or number in an argument or a variable. Code: ARGUMENT_TOO_LARGE."`
	Variables          Bytes `name:"variables" default:"64KiB" placeholder:"BYTES" help:"The JSON text of all variables. Code: ARGUMENT_TOO_LARGE."`
	Response           Bytes `name:"response" default:"5MiB" placeholder:"BYTES" help:"The body of an answer before it is compressed. Code: RESPONSE_TOO_LARGE."`
	Errors             int   `name:"errors" default:"5" placeholder:"N" help:"The errors in an answer; the last one tells how many more there are."`
	Documents          int   `name:"documents" default:"1000" placeholder:"N" help:"The parsed documents that are kept for the next request; of a longer one, each KiB counts as one. At least 1."`
}

const maxCount = 1_000_000_000

func (l *Limits) validate() error {
	errs := []error{
		check(1 <= l.Body && l.Body <= maxCount, "limit-body", l.Body, "from 1 byte to 1000000000"),
		check(1 <= l.Documents && l.Documents <= maxCount, "limit-documents", l.Documents, "from 1 to 1000000000"),
	}
	for _, f := range []struct {
		flag string
		n    int
	}{
		{"limit-document", int(l.Document)},
		{"limit-tokens", l.Tokens},
		{"limit-operations", l.Operations},
		{"limit-depth", l.Depth},
		{"limit-introspection-depth", l.IntrospectionDepth},
		{"limit-aliases", l.Aliases},
		{"limit-root-fields", l.RootFields},
		{"limit-mutation-fields", l.MutationFields},
		{"limit-directives", l.Directives},
		{"limit-selections", l.Selections},
		{"limit-page-size", l.PageSize},
		{"limit-input-depth", l.InputDepth},
		{"limit-list", l.List},
		{"limit-string", int(l.String)},
		{"limit-variables", int(l.Variables)},
		{"limit-response", int(l.Response)},
		{"limit-errors", l.Errors},
	} {
		errs = append(errs, check(0 <= f.n && f.n <= maxCount, f.flag, f.n, "from 0, which means no limit, to 1000000000"))
	}
	return errors.Join(errs...)
}

// gateway is what the gateway wants: there zero means the default, and a negative number no bound.
func (l *Limits) gateway(timeout time.Duration) gateway.Limits {
	bound := func(n int) int {
		if n == 0 {
			return -1
		}
		return n
	}
	return gateway.Limits{
		Limits: limit.Limits{
			DocumentBytes:      bound(int(l.Document)),
			Tokens:             bound(l.Tokens),
			Operations:         bound(l.Operations),
			Depth:              bound(l.Depth),
			IntrospectionDepth: bound(l.IntrospectionDepth),
			Aliases:            bound(l.Aliases),
			RootFields:         bound(l.RootFields),
			MutationFields:     bound(l.MutationFields),
			Directives:         bound(l.Directives),
			Selections:         bound(l.Selections),
			PageSize:           bound(l.PageSize),
			InputDepth:         bound(l.InputDepth),
			ListLength:         bound(l.List),
			StringBytes:        bound(int(l.String)),
			VariablesBytes:     bound(int(l.Variables)),
		},
		BodyBytes:     int64(l.Body),
		Documents:     l.Documents,
		Timeout:       timeout,
		ResponseBytes: bound(int(l.Response)),
		Errors:        bound(l.Errors),
	}
}

// Bytes is a size: 15000, 128KiB or 5MiB.
type Bytes int

const expectedBytes = "a size in bytes such as 15000, 128KiB or 5MiB"

// parseBytes reads a size.
func parseBytes(text string) (Bytes, error) {
	unit := 1
	for suffix, n := range map[string]int{"KiB": 1 << 10, "MiB": 1 << 20} {
		if digits, ok := strings.CutSuffix(text, suffix); ok {
			text, unit = digits, n
		}
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("read a size: %w", err)
	}
	return Bytes(int(n) * unit), nil
}

// String writes a size as parseBytes reads it.
func (b Bytes) String() string {
	switch {
	case b >= 1<<20 && b%(1<<20) == 0:
		return strconv.Itoa(int(b>>20)) + "MiB"
	case b >= 1<<10 && b%(1<<10) == 0:
		return strconv.Itoa(int(b>>10)) + "KiB"
	}
	return strconv.Itoa(int(b))
}
