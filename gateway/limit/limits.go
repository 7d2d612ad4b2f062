package limit

// Limits are the bounds. In each field zero means the default and a negative number means no bound.
type Limits struct {
	// DocumentBytes bounds the text of a document. Default 15,000.
	DocumentBytes int
	// Tokens bounds its lexical tokens; comments are none. Default 1,000.
	Tokens int
	// Operations bounds the operations that one document defines. Default 10.
	Operations int
	// Depth bounds the fields on the way from an operation to its deepest field, fragments expanded.
	// What stands below __schema and __type does not count. Default 12.
	Depth int
	// IntrospectionDepth is the same for fields below __schema and __type, these included. Default 16,
	// because the usual question after the whole schema is 15 deep.
	IntrospectionDepth int
	// Aliases bounds the fields of an operation that are given another name, fragments expanded.
	// Default 30.
	Aliases int
	// RootFields bounds the response names at the top of an operation. Default 10.
	RootFields int
	// MutationFields is the same for mutations, which run one after the other. Default 5.
	MutationFields int
	// Directives bounds the directives of an operation, fragments expanded. Default 50.
	Directives int
	// Selections bounds the fields, inline fragments and fragment spreads of an operation, fragments
	// expanded. Default 500.
	Selections int
	// PageSize bounds the arguments first and last, which must be at least 1. Default 100.
	PageSize int
	// InputDepth bounds how deep lists and objects nest in an argument or a variable. Default 20.
	InputDepth int
	// ListLength bounds the items of one list in an argument or a variable. Default 1,000.
	ListLength int
	// StringBytes bounds one string or number in an argument or a variable. Default 10 KiB.
	StringBytes int
	// VariablesBytes bounds the JSON text of all variables. Default 64 KiB.
	VariablesBytes int
}

// WithDefaults are the limits with a number in each field: the default for zero, and one that
// nothing exceeds for a negative number.
func (l Limits) WithDefaults() Limits {
	for _, f := range []struct {
		limit   *int
		initial int
	}{
		{&l.DocumentBytes, 15_000},
		{&l.Tokens, 1000},
		{&l.Operations, 10},
		{&l.Depth, 12},
		{&l.IntrospectionDepth, 16},
		{&l.Aliases, 30},
		{&l.RootFields, 10},
		{&l.MutationFields, 5},
		{&l.Directives, 50},
		{&l.Selections, 500},
		{&l.PageSize, 100},
		{&l.InputDepth, 20},
		{&l.ListLength, 1000},
		{&l.StringBytes, 10 << 10},
		{&l.VariablesBytes, 64 << 10},
	} {
		switch {
		case *f.limit == 0:
			*f.limit = f.initial
		case *f.limit < 0:
			*f.limit = unlimited
		}
	}
	return l
}

// OfValues are the limits of arguments and variables alone, for documents that are trusted.
func (l Limits) OfValues() Limits {
	return Limits{
		DocumentBytes: -1, Tokens: -1, Operations: -1, Depth: -1, IntrospectionDepth: -1, Aliases: -1, RootFields: -1,
		MutationFields: -1, Directives: -1, Selections: -1,
		PageSize: l.PageSize, InputDepth: l.InputDepth, ListLength: l.ListLength, StringBytes: l.StringBytes,
		VariablesBytes: l.VariablesBytes,
	}.WithDefaults()
}

// unlimited is more than anything counts to, and most is where counting stops.
const (
	unlimited = 2 * most
	most      = 1_000_000_000
)
