// Package storetest gives tests real shards: a fresh, migrated database for every shard of every
// test, and the number of statements that each of them ran.
//
// One Postgres server runs per test process; a shard is a database in it, copied from a template
// that was migrated once. So a cluster of four takes well under half a second, and tests run side
// by side without seeing each other. What only a server of its own can show (ports, signals,
// recovery) is tested where servers are started, in package embedded; a shard that dies or hangs
// is shown here by a proxy, see [WithFaults].
//
// A package that uses it has
//
//	func TestMain(m *testing.M) { storetest.Main(m) }
//
// On no query's way: only tests import it.
package storetest
