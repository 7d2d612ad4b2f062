package gateway

import (
	"errors"
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"

	"backline/gateway/limit"
	"backline/graph/cost"
)

// Inspector looks at documents as a gateway does, without one: for tools.
type Inspector struct {
	checker
	table *cost.Table
}

// NewInspector checks documents against a schema and limits; zero limits are the defaults.
func NewInspector(schema *ast.Schema, limits limit.Limits) (*Inspector, error) {
	table, err := cost.NewTable(schema)
	if err != nil {
		return nil, fmt.Errorf("read the costs of the schema: %w", err)
	}
	return &Inspector{checker{limits.WithDefaults(), newValidation(schema, true, Limits{}.withDefaults().Errors)}, table}, nil
}

// Inspected is an operation of a good document, and what it may cost.
type Inspected struct {
	Name string // "" if it has none
	Kind string // query, mutation or subscription
	// Least and Most are its price with the cheapest and with the dearest variables that the limits
	// allow: pages from one row to the largest, lists from empty to the longest, and any Booleans.
	Least, Most cost.Points
}

// Inspect tells what the operations of a document may cost. The error is what is wrong with it, for
// operators.
func (i *Inspector) Inspect(text string) ([]Inspected, error) {
	doc, errs := i.check(text)
	if errs != nil {
		return nil, explained(errs)
	}
	all := make([]Inspected, len(doc.operations))
	for n, op := range doc.operations {
		definition := op.definition
		price, err := i.table.Compile(doc.query, definition)
		if err != nil {
			return nil, err
		}
		all[n] = Inspected{Name: definition.Name, Kind: string(definition.Operation)}
		if all[n].Least, all[n].Most, err = i.bounds(price, definition, op.pages); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// maxSwitches bounds the Boolean variables of whose values all are tried.
const maxSwitches = 8

// bounds are the prices with the cheapest and the dearest variables.
func (i *Inspector) bounds(price *cost.Price, op *ast.OperationDefinition, pages []limit.PageSize) (least, most cost.Points, err error) {
	cheap, dear := map[string]any{}, map[string]any{}
	var switches []string
	for _, v := range op.VariableDefinitions {
		switch {
		case v.Type.Elem != nil:
			cheap[v.Variable], dear[v.Variable] = []any{}, make([]any, min(i.limits.ListLength, 1<<16))
		case v.Type.NamedType == "Boolean":
			switches = append(switches, v.Variable)
		}
	}
	for _, p := range pages {
		cheap[p.Variable], dear[p.Variable] = int64(1), int64(i.limits.PageSize)
	}
	if len(switches) > maxSwitches {
		return 0, 0, errors.New("it has too many Boolean variables to be priced")
	}
	for bits := range 1 << len(switches) {
		for n, name := range switches {
			cheap[name] = bits>>n&1 == 1
			dear[name] = cheap[name]
		}
		low, high := price.Estimate(cheap), price.Estimate(dear)
		if high.Err != nil {
			return 0, 0, high.Err
		}
		if bits == 0 {
			least = low.Total
		}
		least, most = min(least, low.Total), max(most, high.Total)
	}
	return least, most, nil
}
