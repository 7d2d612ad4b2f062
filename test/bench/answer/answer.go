// Package answer compares what servers with different schemas say about the same rows.
package answer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// Canonical is the data of a response in a form that does not depend on the schema's dialect: no
// ids, which each server encodes in its own way; a connection is the list of its nodes; times are
// in UTC; keys are sorted.
func Canonical(response []byte) ([]byte, error) {
	var r struct {
		Data   any
		Errors json.RawMessage
	}
	d := json.NewDecoder(bytes.NewReader(response))
	d.UseNumber()
	if err := d.Decode(&r); err != nil {
		return nil, fmt.Errorf("read an answer: %w", err)
	}
	if r.Errors != nil {
		return nil, fmt.Errorf("an answer with errors: %s", r.Errors)
	}
	return json.Marshal(plain(r.Data))
}

func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if nodes, ok := v["nodes"]; ok && len(v) == 1 {
			return plain(nodes)
		}
		delete(v, "id")
		for key, value := range v {
			v[key] = plain(value)
		}
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	case string:
		if t, err := time.Parse(time.RFC3339Nano, v); err == nil {
			return t.UTC().Format(time.RFC3339Nano)
		}
	}
	return v
}

// Difference says where two canonical answers part, "" if they do not.
func Difference(a, b []byte) string {
	if bytes.Equal(a, b) {
		return ""
	}
	at := 0
	for at < min(len(a), len(b)) && a[at] == b[at] {
		at++
	}
	near := func(x []byte) []byte { return x[max(0, at-60):min(len(x), at+60)] }
	return fmt.Sprintf("at byte %d: …%s… is not …%s…", at, near(a), near(b))
}
