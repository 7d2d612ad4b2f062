// Package abuse sends requests that mean harm, byte for byte, over TCP, to the whole gateway with the
// real schema on a real shard, and says what each may cost: its status and code, the bytes that come
// back, the processor time until then, and that no statement was run for it.
//
// The requests are in cases/, by topic; [read] explains their form. There is no product in here.
package abuse
