// Package guide does what docs/guides/change-the-schema.md says, in a copy of the project, and
// compares what comes out. Only its test has code.
package guide
