// Package releases shows that servers of two releases may run side by side, over the same shards and one
// Redis, while one replaces the other: each answers as the shards are, whoever wrote, neither reads what the
// other keeps where they mean different things by it, and the release that knows of more reads the changes
// for both.
//
// The newer release is the source with edits: what stands for a change of a schema is what such a change
// makes of the generated code. It has no files but tests.
package releases
