package breadth

import (
	"encoding/binary"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
)

// appendVariable writes a coerced value of a variable so that no two are written alike. It says whether it
// can: what a program, and not JSON, has put into the variables may be of any type.
func appendVariable(b []byte, v any) (out []byte, ok bool) {
	switch v := v.(type) {
	case nil:
		return append(b, 'n'), true
	case string:
		return appendText(append(b, 's'), v), true
	case bool:
		if v {
			return append(b, 't'), true
		}
		return append(b, 'f'), true
	case int64:
		return append(strconv.AppendInt(append(b, 'i'), v, 10), ';'), true
	case int:
		return append(strconv.AppendInt(append(b, 'i'), int64(v), 10), ';'), true
	case float64:
		return binary.BigEndian.AppendUint64(append(b, 'd'), math.Float64bits(v)), true
	case json.Number:
		return appendText(append(b, 'j'), string(v)), true
	case []any:
		b = binary.AppendUvarint(append(b, '['), uint64(len(v)))
		for _, each := range v {
			if b, ok = appendVariable(b, each); !ok {
				return b, false
			}
		}
		return b, true
	case map[string]any:
		b = binary.AppendUvarint(append(b, '{'), uint64(len(v)))
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if b, ok = appendVariable(appendText(b, name), v[name]); !ok {
				return b, false
			}
		}
		return b, true
	}
	return b, false
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
