// Package generated holds what is generated against the schema: `go generate ./...` writes it, and
// the test says whether that was forgotten.
//
// The directive stands here because this package comes after all that have generated files. Go lists
// the files of every package before it runs anything, and fails at one that has vanished since, as
// those of a type do that was removed from the schema.
package generated

//go:generate go -C ../.. run ./graph/codegen
