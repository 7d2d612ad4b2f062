package rights_test

import (
	"context"
	"reflect"
	"testing"

	"backline/graph/rights"
)

func TestOfIsNeverNil(t *testing.T) {
	t.Parallel()
	for name, ctx := range map[string]context.Context{
		"no viewer":   t.Context(),
		"nil viewer":  rights.With(t.Context(), nil),
		"nobody else": rights.With(rights.With(t.Context(), &rights.Viewer{ID: "cus_1", Via: rights.ViaToken}), nil),
	} {
		v := rights.Of(ctx)
		if v == nil || !reflect.DeepEqual(*v, rights.Viewer{}) {
			t.Errorf("%s: %+v, want nobody", name, v)
		}
	}
}

func TestOfIsTheNearest(t *testing.T) {
	t.Parallel()
	outer, inner := &rights.Viewer{ID: "cus_1"}, &rights.Viewer{ID: "emp_1"}
	ctx := rights.With(t.Context(), outer)
	below := rights.With(ctx, inner)
	if rights.Of(ctx) != outer || rights.Of(below) != inner {
		t.Errorf("outer %+v, inner %+v", rights.Of(ctx), rights.Of(below))
	}
}

func TestHas(t *testing.T) {
	t.Parallel()
	v := &rights.Viewer{Scopes: []string{"admin", "catalogue:write", "staff"}}
	for scope, want := range map[string]bool{
		"admin": true, "catalogue:write": true, "staff": true,
		"": false, "Admin": false, "adm": false, "admin ": false, "staff2": false, "zzz": false,
	} {
		if got := v.Has(scope); got != want {
			t.Errorf("Has(%q) = %t", scope, got)
		}
	}
	if (&rights.Viewer{}).Has("admin") {
		t.Error("nobody has a scope")
	}
}

func TestAskingAllocatesNothing(t *testing.T) {
	t.Parallel()
	ctx := rights.With(t.Context(), &rights.Viewer{Scopes: []string{"admin", "staff"}})
	if n := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if !rights.Of(ctx).Has("staff") {
				b.Fatal("lost")
			}
		}
	}).AllocsPerOp(); n != 0 {
		t.Errorf("%d allocations", n)
	}
}
