package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"backline/gateway"
	"backline/gateway/limit"
	"backline/graph/breadth/breadthtest"
	"backline/graph/cost"
)

// prices asks the gateway for the cost of operations, and finds those that cost more than they were
// estimated to.
type prices struct {
	handler http.Handler

	ran, reached atomic.Int64 // operations with an actual cost, and those whose estimate was reached
}

// newPrices puts a gateway that refuses nothing by its size before a schema.
func newPrices(schema graphql.ExecutableSchema, prepare func(ctx context.Context) context.Context) (*prices, error) {
	table, err := cost.NewTable(schema.Schema())
	if err != nil {
		return nil, err
	}
	const none = -1
	g, err := gateway.New(gateway.Config{
		Schema:      schema,
		Attach:      func(ctx context.Context, _ bool) context.Context { return prepare(ctx) },
		Development: true,
		Price:       gateway.Price{Table: table},
		Limits: gateway.Limits{
			Limits: limit.Limits{
				DocumentBytes: none, Tokens: none, Operations: none, Depth: none, IntrospectionDepth: none, Aliases: none,
				RootFields: none, MutationFields: none, Directives: none, Selections: none, PageSize: none,
				InputDepth: none, ListLength: none, StringBytes: none, VariablesBytes: none,
			},
			BodyBytes: 16 << 20, ResponseBytes: none, Timeout: time.Minute,
		},
	})
	if err != nil {
		return nil, err
	}
	return &prices{handler: g}, nil
}

// check runs an operation. The error says what it costs.
func (p *prices) check(ctx context.Context, op breadthtest.Operation) error {
	body, err := json.Marshal(map[string]any{"query": op.Query, "variables": op.Variables})
	if err != nil {
		return err
	}
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Graphql-Cost", "report")
	w := httptest.NewRecorder()
	p.handler.ServeHTTP(w, r)
	var answer struct {
		Errors []struct {
			Message    string
			Extensions struct{ Code string }
		}
		Extensions struct {
			Cost *struct {
				Requested int64  `json:"requestedQueryCost"`
				Actual    *int64 `json:"actualQueryCost"`
			}
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		return fmt.Errorf("%v\nread the answer: %w", op, err)
	}
	c := answer.Extensions.Cost
	switch {
	case c != nil && c.Actual != nil:
	case len(answer.Errors) > 0: // refused before it ran: values that are not allowed
		return nil
	default:
		return errors.New(op.String() + "\nthe answer has no cost")
	}
	p.ran.Add(1)
	if *c.Actual == c.Requested {
		p.reached.Add(1)
	}
	if *c.Actual > c.Requested {
		return fmt.Errorf("%v\nestimate %d, actual cost %d", op, c.Requested, *c.Actual)
	}
	return nil
}
