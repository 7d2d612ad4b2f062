// Package fleet runs what the field cache has to be right for: several processes of the server over
// the same shards and the same Redis, each of which can be stopped, killed and started again while it
// is used. Everything is real: the binary that is shipped, Postgres, Redis, HTTP.
//
//	f, err := fleet.Open(ctx, fleet.Options{Shards: 4, Servers: 2, Flags: []string{"--cache=entities"}})
//	defer f.Close()
//	f.Servers[0].Pause()
//	f.Redis.Kill()
//
// A binary can be built with edits, which is how tests show that they can fail: the product has no
// switch that makes it wrong.
//
// It knows processes and nothing of what is in the databases. On no query's way: only commands and
// tests below test/ import it.
package fleet
