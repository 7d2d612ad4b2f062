// Package shard says where a row lives. It is pure: no I/O, no clock of its own.
//
// The key space is cut into 1024 fixed buckets. An ID carries its bucket, so that a row is found
// without a lookup, and a child is given its parent's bucket, so that a family of rows lies
// together (it is colocated). A Topology maps buckets to shards; moving data between shards changes
// the topology and never an ID.
//
//	ID  63      22 21      12 11       0
//	    | millis  |  bucket  | sequence |
//
// On a query's way this package stands at the very end: the store groups the keys of a batch by
// shard before it asks any of them.
package shard
