// Package privacy shows that what the cache keeps for one viewer is given to no other: a customer's
// sales are read by those who may, so that they are warm, and then by everybody else, on every way that
// leads to them, from servers that share a Redis. A server without a cache says what is right.
package privacy
