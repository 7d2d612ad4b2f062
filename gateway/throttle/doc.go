// Package throttle gives each client a budget of points and says when it is spent.
//
// It owns the plans (how much a client may have and how fast it comes back), the accounts that
// instances keep for their clients, the bucket in Redis that all instances share, who a client is by
// its address, and the header fields that tell it what is left. It knows points, names and addresses:
// no operation, no price, no answer. It stands at the door, before and after an operation: a point is
// taken for the request itself, then the estimate of its price, and what the operation did not cost is
// given back.
//
// # Buckets and leases
//
// A client's budget is a token bucket in Redis under one key, by the clock of Redis, changed by one
// script in one call. A call for each request would cost as much as a small operation does, so an
// instance does not take single points: it takes what is needed and a chunk more, the [Plan.Chunk], as
// a lease, spends it from memory, and gives back what is left of it once the client has been quiet for
// half a second. Requests of one client that find the lease too small share one call, and a lease that is
// used up fast is filled before it is empty.
//
// What has been leased is gone from the bucket, so all instances together never spend more than the
// bucket gave. But the bucket fills up again behind a lease that is held. So with n instances a client
// gets, in any t seconds,
//
//	at most   capacity + restore · t + n · chunk
//	at least  capacity + restore · t − n · chunk   if it asks for that much
//
// where a chunk is 2 % of the capacity, and n counts the instances that the client has just used. With
// one instance and a client that begins with a full bucket the upper bound has no chunk.
//
// # Without Redis
//
// When a call fails, none is made any more: accounts go on with buckets of their own, which hold the
// plan divided by the number of instances. Redis is asked again in the background until it answers, and
// no request waits for that. What was spent meanwhile is not charged afterwards.
package throttle
