package breadth

import (
	"context"
	"fmt"

	"github.com/99designs/gqlgen/graphql"
)

func (f *FieldPlan) collected() graphql.CollectedField {
	return graphql.CollectedField{Field: f.nodes[0], Selections: f.selections()}
}

// fieldContext shows the field to resolvers, error presenters and interceptors as gqlgen does.
func (f *FieldPlan) fieldContext() *graphql.FieldContext {
	return &graphql.FieldContext{
		Object: f.typ.Name, Field: f.collected(),
		IsMethod: f.def.IsMethod || f.def.IsResolver, IsResolver: f.def.IsResolver,
		Child: f.childContext,
	}
}

// child finds the field context of a field below, before its execution.
func (f *FieldPlan) child(ctx context.Context, field graphql.CollectedField) (*graphql.FieldContext, error) {
	for _, sub := range f.subs {
		def := sub.typ.byName[field.Name]
		if def == nil {
			continue
		}
		fc := &graphql.FieldContext{
			Object: sub.typ.Name, Field: field,
			IsMethod: def.IsMethod || def.IsResolver, IsResolver: def.IsResolver,
		}
		if def.Args == nil {
			return fc, nil
		}
		var err error
		fc.Args, err = def.Args(graphql.WithFieldContext(ctx, fc), field.ArgumentMap(graphql.GetOperationContext(ctx).Variables))
		return fc, err
	}
	return nil, fmt.Errorf("no field named %q was found under %s.%s", field.Name, f.typ.Name, f.nodes[0].Name)
}

// WithInputs lets resolvers find the unmarshalers of input objects (graphql.UnmarshalInputFromContext)
// that the context inputs holds. They are bound to no request, so one of it serves them all.
func WithInputs(ctx, inputs context.Context) context.Context { return &withInputs{ctx, inputs} }

type withInputs struct {
	context.Context
	inputs context.Context
}

func (c *withInputs) Value(key any) any {
	if v := c.Context.Value(key); v != nil {
		return v
	}
	return c.inputs.Value(key)
}
