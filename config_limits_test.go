package main

import (
	"bytes"
	"math"
	"reflect"
	"testing"
	"time"

	"backline/gateway"
	"backline/gateway/limit"
)

//nolint:gochecknoglobals // a constant, as far as Go has them
var defaultLimits = Limits{
	Body: 128 << 10, Document: 15_000, Tokens: 1000, Operations: 10, Depth: 12, IntrospectionDepth: 16,
	Aliases: 30, RootFields: 10, MutationFields: 5, Directives: 50, Selections: 500, PageSize: 100,
	InputDepth: 20, List: 1000, String: 10 << 10, Variables: 64 << 10, Response: 5 << 20, Errors: 5, Documents: 1000,
}

//nolint:gochecknoglobals // a constant, as far as Go has them
var limitSettings = []setting{
	{"limit-body", "1MiB", "2", "Limits.Body", Bytes(1 << 20)},
	{"limit-document", "20KiB", "2", "Limits.Document", Bytes(20 << 10)},
	{"limit-tokens", "7", "2", "Limits.Tokens", 7},
	{"limit-operations", "7", "2", "Limits.Operations", 7},
	{"limit-depth", "7", "2", "Limits.Depth", 7},
	{"limit-introspection-depth", "7", "2", "Limits.IntrospectionDepth", 7},
	{"limit-aliases", "0", "2", "Limits.Aliases", 0},
	{"limit-root-fields", "7", "2", "Limits.RootFields", 7},
	{"limit-mutation-fields", "7", "2", "Limits.MutationFields", 7},
	{"limit-directives", "7", "2", "Limits.Directives", 7},
	{"limit-selections", "7", "2", "Limits.Selections", 7},
	{"limit-page-size", "7", "2", "Limits.PageSize", 7},
	{"limit-input-depth", "7", "2", "Limits.InputDepth", 7},
	{"limit-list", "7", "2", "Limits.List", 7},
	{"limit-string", "7", "2", "Limits.String", Bytes(7)},
	{"limit-variables", "7", "2", "Limits.Variables", Bytes(7)},
	{"limit-response", "7", "2", "Limits.Response", Bytes(7)},
	{"limit-errors", "7", "2", "Limits.Errors", 7},
	{"limit-documents", "7", "2", "Limits.Documents", 7},
}

// The defaults of the flags are those of the gateway, and 0 is no bound there.
func TestLimitsOfTheGateway(t *testing.T) {
	t.Parallel()
	c, err := parse(nil, nil, "1", &bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	got := c.Limits.gateway(3 * time.Second)
	if got.Limits != (limit.Limits{}).WithDefaults() {
		t.Errorf("the flags have %+v, and the gateway %+v", got.Limits, (limit.Limits{}).WithDefaults())
	}
	if got.BodyBytes != 128<<10 || got.Documents != 1000 || got.Timeout != 3*time.Second || got.ResponseBytes != 5<<20 || got.Errors != 5 {
		t.Errorf("got %+v", got)
	}
	none := reflect.ValueOf((&Limits{Body: 1, Documents: 1}).gateway(time.Second))
	for _, v := range []reflect.Value{none.FieldByName("Limits"), none} {
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			if f := v.Field(i); f.Kind() == reflect.Int && name != "Documents" && f.Int() != -1 {
				t.Errorf("no limit of %s is %d", name, f.Int())
			}
		}
	}
}

// Every limit has a flag: each flag changes one field of what the gateway gets, and none is left.
func TestEachLimitHasAFlag(t *testing.T) {
	t.Parallel()
	reached := map[string]string{}
	initial := defaultLimits.gateway(time.Second)
	for _, s := range limitSettings {
		c, err := parse([]string{"--" + s.flag + "=3"}, nil, "1", &bytes.Buffer{})
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range differences(initial, c.Limits.gateway(time.Second)) {
			if by := reached[name]; by != "" {
				t.Errorf("%s and %s both set %s", by, s.flag, name)
			}
			reached[name] = s.flag
		}
	}
	all := reflect.TypeFor[limit.Limits]().NumField() + reflect.TypeFor[gateway.Limits]().NumField() - 2 // Limits and Timeout
	if len(reached) != all || len(limitSettings) != all {
		t.Errorf("%d flags set %d of %d limits: %v", len(limitSettings), len(reached), all, reached)
	}
}

func differences(a, b gateway.Limits) []string {
	var names []string
	var compare func(a, b reflect.Value)
	compare = func(a, b reflect.Value) {
		for i := range a.NumField() {
			if a.Field(i).Kind() == reflect.Struct {
				compare(a.Field(i), b.Field(i))
			} else if a.Field(i).Interface() != b.Field(i).Interface() {
				names = append(names, a.Type().Field(i).Name)
			}
		}
	}
	compare(reflect.ValueOf(a), reflect.ValueOf(b))
	return names
}

func TestBytes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Bytes{"0": 0, "15000": 15_000, "1KiB": 1024, "128KiB": 128 << 10, "5MiB": 5 << 20} {
		got, err := parseBytes(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("%s: %d, written as %s, %v", text, got, got, err)
		}
	}
	for _, text := range []string{"", "KiB", "1kB", "1.5MiB", "1e3", " 1", "1 KiB", "99999999999MiB", "0x10"} {
		if got, err := parseBytes(text); err == nil {
			t.Errorf("%q is %d", text, got)
		}
	}
	if got, err := parseBytes("2147483647MiB"); err == nil && (got < 0 || int64(got) > math.MaxInt64>>1) {
		t.Errorf("overflowed to %d", got)
	}
}

// Credentials go with sites that are named.
func TestCORSCredentials(t *testing.T) {
	t.Parallel()
	c, err := parse([]string{"--cors-origins=https://a.example", "--cors-credentials"}, nil, "1", &bytes.Buffer{})
	if err != nil || !c.CORS.Credentials {
		t.Errorf("got %+v, %v", c.CORS, err)
	}
	if _, err := parse([]string{"--cors-origins=*", "--cors-credentials"}, nil, "1", &bytes.Buffer{}); err == nil {
		t.Error("* with credentials passed")
	}
}
