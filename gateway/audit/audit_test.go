package audit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"backline/gateway/audit"
	"backline/graph/rights"
)

type counter map[string]int

func (c counter) Denied(what string) { c[what]++ }

func number(i int) string { return fmt.Sprintf("cus_%d", i) }

// operation is the context of one whose variables and headers must never be told.
func operation(ctx context.Context) context.Context {
	return graphql.WithOperationContext(ctx, &graphql.OperationContext{
		RawQuery: "query Sales($id: ID!) { customer(id: $id) { id } }", Operation: &ast.OperationDefinition{Name: "Sales"},
		Variables: map[string]any{"id": "secret"}, Headers: map[string][]string{"Authorization": {"Bearer secret"}},
	})
}

func TestLines(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	counted := counter{}
	l := audit.New(slog.New(slog.NewJSONHandler(&out, nil)), counted)
	staff := rights.With(t.Context(), &rights.Viewer{ID: "emp_1", Issuer: "https://id.example.com/", Subject: "emp_1", Scopes: []string{"staff"}, Via: rights.ViaToken})
	l.Privileged(operation(staff), "Customer.invoices", 2, number)
	l.Denied(operation(staff), "Customer", 23, number)
	l.Denied(t.Context(), "Query.employees", 0, nil)

	want := []map[string]any{
		{
			"level": "INFO", "msg": "privileged read", "what": "Customer.invoices", "subject": "emp_1", "via": "token", "issuer": "https://id.example.com/", "operation": "Sales",
			"objects": []any{"cus_0", "cus_1"},
		},
		{"level": "INFO", "msg": "denied", "what": "Customer", "subject": "emp_1", "via": "token", "issuer": "https://id.example.com/", "operation": "Sales", "more": 3.0},
		{"level": "INFO", "msg": "denied", "what": "Query.employees", "subject": "", "via": ""},
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != len(want) {
		t.Fatalf("%d lines: %s", len(lines), out.String())
	}
	for i, line := range lines {
		var got map[string]any
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatal(err)
		}
		delete(got, "time")
		if i < 2 && len(got["document"].(string)) != 64 {
			t.Errorf("the hash is %v", got["document"])
		}
		delete(got, "document")
		delete(want[i], "document")
		if i == 1 {
			if n := len(got["objects"].([]any)); n != 20 {
				t.Errorf("%d objects are named", n)
			}
			delete(got, "objects")
		}
		if !reflect.DeepEqual(got, want[i]) {
			t.Errorf("line %d is\n%v\nwant\n%v", i, got, want[i])
		}
	}
	if strings.Contains(out.String(), "secret") {
		t.Errorf("a secret is told: %s", out.String())
	}
	if !reflect.DeepEqual(counted, counter{"Customer": 1, "Query.employees": 1}) {
		t.Errorf("counted %v", counted)
	}
}

func TestOff(t *testing.T) {
	t.Parallel()
	counted := counter{}
	audit.New(nil, counted).Denied(t.Context(), "Customer", 1, number)
	audit.New(nil, nil).Privileged(t.Context(), "Customer", 1, number)
	if counted["Customer"] != 1 {
		t.Errorf("counted %v", counted)
	}
}

func TestLongNamesAreClipped(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	ctx := graphql.WithOperationContext(t.Context(), &graphql.OperationContext{Operation: &ast.OperationDefinition{Name: strings.Repeat("n", 9000)}})
	audit.New(slog.New(slog.NewJSONHandler(&out, nil)), nil).Denied(ctx, "Customer", 0, nil)
	if out.Len() > 500 {
		t.Errorf("a line of %d bytes", out.Len())
	}
}
