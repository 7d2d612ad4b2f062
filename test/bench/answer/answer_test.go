package answer

import (
	"strings"
	"testing"
)

func TestCanonicalIsTheSameForAllDialects(t *testing.T) {
	t.Parallel()
	want := `{"artists":[{"albums":[{"at":"2021-01-01T00:00:00Z","price":"0.99"}],"name":"A"}]}`
	for _, response := range []string{
		`{"data":{"artists":{"nodes":[{"id":"art_1","name":"A","albums":{"nodes":[{"id":"alb_2","at":"2021-01-01T00:00:00Z","price":"0.99"}]}}]}}}`,
		`{"data":{"artists":[{"name":"A","id":"1","albums":[{"price":"0.99","at":"2021-01-01T00:00:00.000Z","id":"2"}]}]}}`,
		`{"data":{"artists":[{"id":1,"name":"A","albums":[{"at":"2021-01-01T01:00:00.000000+01:00","price":"0.99"}]}]}}`,
	} {
		got, err := Canonical([]byte(response))
		if err != nil {
			t.Fatal(err)
		}
		if d := Difference(got, []byte(want)); d != "" {
			t.Errorf("%s: %s", response, d)
		}
	}
}

func TestCanonicalRefusesErrors(t *testing.T) {
	t.Parallel()
	for response, want := range map[string]string{
		`{"data":{"a":null},"errors":[{"message":"no"}]}`: "an answer with errors",
		`{"data":`: "read an answer",
	} {
		if _, err := Canonical([]byte(response)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %s", response, err, want)
		}
	}
}

func TestDifferenceShowsWhereAnswersPart(t *testing.T) {
	t.Parallel()
	if d := Difference([]byte(`{"a":1}`), []byte(`{"a":1}`)); d != "" {
		t.Errorf("equal answers differ: %s", d)
	}
	for _, b := range []string{`{"a":2}`, `{"a":`, `{"a":12}`} {
		if d := Difference([]byte(`{"a":1}`), []byte(b)); !strings.HasPrefix(d, "at byte ") {
			t.Errorf("difference to %s: %q", b, d)
		}
	}
}
