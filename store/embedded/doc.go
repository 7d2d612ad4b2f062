// Package embedded starts real Postgres shards and a Redis as child processes,
// so that `go run .` and the tests need nothing prepared but a Postgres package.
//
// It owns the binaries (find, else download), the data directory (lock, initdb
// from a cached template, state kept between runs), the processes (start, watch,
// stop) and nothing that is inside a database: it must not know a table, a
// bucket or a topology. It is no part of a query's way; the server and storetest
// call it once and hand the URLs to the store.
//
// # The directory
//
//	lock           held with flock by the one process that may use the directory
//	cluster.json   how many shards, which Postgres, password, ports, where the data is
//	log/           what the children wrote: shard-0.log, redis.log
//	shard-0/ ...   one Postgres data directory per shard
//	redis/         where Redis works; it keeps nothing
//	run/           Unix sockets, closed to other users
//
// Postgres refuses to run as root, so root's children run as the user postgres
// (or nobody). Where that user may not enter the directory, as below a closed
// /root, shard-*, redis and run are kept below /var/lib/backline instead and
// cluster.json says where.
//
// # Durability
//
// The data of a kept directory survives kill -9 of every process and a crash of
// the machine: fsync and synchronous_commit are on. Measured, COPY of 500,000 rows
// takes the same second without them and a commit 0.05 instead of 3 ms, which no
// developer notices by hand; a corrupt shard after a flat battery costs an
// afternoon. An ephemeral cluster turns all of it off.
//
// # Who may connect
//
// Sockets lie in a directory that only this user can enter. TCP, on 127.0.0.1
// only, asks for a random password: on a machine with several users an open
// superuser port would hand them this account.
package embedded
