package store

import (
	"io"
	"slices"
	"strconv"
	"strings"
)

// marshalEnum writes the name of an enum's value.
func marshalEnum(w io.Writer, name string) {
	io.WriteString(w, strconv.Quote(name)) //nolint:errcheck // gqlgen's signature
}

// unmarshalOrder reads the name of an order into its place.
func unmarshalOrder[T any](to *int, enum string, orders []*Order[T], v any) error {
	names := make([]string, len(orders))
	for i, o := range orders {
		names[i] = o.Name
	}
	var name string
	if err := unmarshalEnum(&name, enum, names, v); err != nil {
		return err
	}
	*to = slices.Index(names, name)
	return nil
}

// unmarshalEnum reads one of names.
func unmarshalEnum(to *string, enum string, names []string, v any) error {
	name, ok := v.(string)
	if !ok || !slices.Contains(names, name) {
		return BadInput("%s is no value of %s; use one of %s", quote(name), enum, strings.Join(names, ", "))
	}
	*to = name
	return nil
}
