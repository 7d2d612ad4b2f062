package cost

import (
	"encoding/json"
	"math"
	"reflect"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
)

const (
	// absent is the size that an argument without a value gives: none.
	absent int64 = -1
	// endless is a size that is not known, or too great for 64 bits.
	endless int64 = math.MaxInt64
)

// size is how long the lists of one field get in an operation.
type size struct {
	fixed   int64 // what literals and the schema's defaults give; absent: nothing
	given   int   // literals
	open    []openSize
	assumed int64
	require bool // exactly one slicing argument must be given
}

// openSize is a slicing argument that a variable decides.
type openSize struct {
	variable string
	path     []step // from where the variable stands
	unset    int64  // the size where the variable is not given
	byOp     bool   // unset is the operation's default
}

// sizeOf resolves @listSize for the arguments of a field in an operation.
func (s *slicing) sizeOf(args ast.ArgumentList, op *ast.OperationDefinition) size {
	out := size{fixed: absent, assumed: s.assumed, require: s.require}
	for _, path := range s.paths {
		var v *ast.Value
		if a := args.ForName(path[0].name); a != nil {
			v = a.Value
		}
		for v != nil && v.Kind == ast.ObjectValue && len(path) > 1 {
			path = path[1:]
			v = v.Children.ForName(path[0].name)
		}
		switch {
		case v == nil:
			out.fixed = max(out.fixed, path[0].unset)
		case v.Kind == ast.Variable:
			o := openSize{variable: v.Raw, path: path, unset: path[0].unset}
			if def := variableDefault(op, v.Raw); def != nil {
				o.unset, o.byOp = literalSize(path, def), true
			}
			out.open = append(out.open, o)
		default:
			if n := literalSize(path, v); n != absent {
				out.fixed = max(out.fixed, n)
				out.given++
			}
		}
	}
	return out
}

// of evaluates a size. ok is false where one slicing argument is required and there is none, or more.
func (s *size) of(vars map[string]any) (n int64, ok bool) {
	n, given := s.fixed, s.given
	for i := range s.open {
		o := &s.open[i]
		v, found := vars[o.variable]
		value, explicit := o.unset, o.byOp
		if found {
			value, explicit = valueSize(o.path, v), true
		}
		if explicit && value != absent {
			given++
		}
		n = max(n, value)
	}
	ok = !s.require || given == 1 || given == 0 && n != absent
	switch {
	case n != absent:
		return n, ok
	case s.assumed != absent:
		return s.assumed, ok
	}
	return endless, ok
}

// literalSize is the size that a value without variables gives.
func literalSize(path []step, v *ast.Value) int64 {
	switch {
	case v == nil:
		return path[0].unset
	case v.Kind == ast.NullValue:
		return absent
	case len(path) > 1:
		return literalSize(path[1:], v.Children.ForName(path[1].name))
	case path[0].list && v.Kind == ast.ListValue:
		return int64(len(v.Children))
	case path[0].list:
		return 1
	}
	return parseSize(v.Raw)
}

// valueSize is the size that the value of a variable gives.
func valueSize(path []step, v any) int64 {
	switch {
	case v == nil:
		return absent
	case len(path) > 1:
		object, ok := v.(map[string]any)
		if !ok {
			return endless
		}
		inner, ok := object[path[1].name]
		if !ok {
			return path[1].unset
		}
		return valueSize(path[1:], inner)
	case path[0].list:
		return length(v)
	}
	switch n := v.(type) {
	case int64:
		return max(n, 0)
	case int:
		return max(int64(n), 0)
	case int32:
		return max(int64(n), 0)
	case json.Number:
		return parseSize(string(n))
	case float64:
		return floatSize(n)
	case string: // which gqlgen's Int accepts
		return parseSize(n)
	}
	return endless
}

func length(v any) int64 {
	if list, ok := v.([]any); ok {
		return int64(len(list))
	}
	if list := reflect.ValueOf(v); list.Kind() == reflect.Slice {
		return int64(list.Len())
	}
	return 1 // a single value stands for a list of one
}

// parseSize reads a whole number; what is too great, or no number, is endless.
func parseSize(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err == nil {
		return max(n, 0)
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil && !math.IsInf(f, 0) {
		return endless
	}
	return floatSize(f)
}

func floatSize(f float64) int64 {
	switch {
	case f <= 0:
		return 0
	case f < 1<<62:
		return int64(math.Ceil(f))
	}
	return endless // also what is no number
}
