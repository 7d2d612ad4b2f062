// Package overlap decides whether the overlapping fields of a document can be merged, with the same
// verdict as gqlparser's own rule, which compares every field with every other one: 24 KB of it
// take seven seconds.
//
// It knows gqlparser's documents and schema and nothing else, and stands among the rules that
// package gateway validates with.
//
// # How
//
// All fields that end up under one name of the response are brought together, level by level, as an
// executor would collect them, with all fragments expanded. In such a group
//
//   - all types must have one shape: compared with the first, because having the same shape is
//     transitive;
//   - all fields must have one name and equal arguments, but for two that no object has at once:
//     somewhere on the way to them they are fields of different object types.
//
// Only where a group disagrees about name or arguments is the way of its fields looked at, each
// different way once. Then the selection sets of the whole group are taken together for the next
// level. A level that was reached before with the same selection sets is not entered again, so that
// fragments within fragments cost what their text is long, not what it expands to. The idea of
// going by groups is Simon Adameit's, "GraphQL: overlapping fields can be merged fast" (2017).
//
// The work has a bound besides: overlaps can be arranged, in nested fragments that disagree on
// purpose, so that no two levels are the same. Such a document is refused, and is far beyond any
// sensible number of selections.
package overlap
