// Package identity finds out who asks.
//
// It owns credentials: tokens (JWTs of the issuers that are configured) and API keys, how each is
// read, checked and remembered, and what a client hears about one that is not good. It makes a
// [rights.Viewer] of a good one. It must not know what a viewer may see, nor documents, rows or
// the store: which subjects are ids of rows it is told by a function value. It stands on a query's way
// after the rules for other sites and before the body is read, so that a stranger's body costs nothing.
//
// # Tokens
//
// A token is read by a strict reader of this package (no repeated names, no padding, nothing that two
// readers could take for two things), its issuer is looked up by iss, and from then on only what is
// configured for that issuer counts: its algorithms, its audience, its keys. What a token says about
// where its key could be found (jku, x5u, jwk, x5c) is not read at all; a kid is compared with those
// in the issuer's key set and used for nothing else. Signatures and times are checked by golang-jwt.
//
// Key sets are fetched by this package and not by keyfunc: there an unknown kid waits for a rate
// limiter, each waiting request fetches by itself in turn, and the size of an answer has no bound.
// Here a flood of unknown kids costs one fetch per cooldown, which all of them share, and nobody waits
// for the cooldown.
//
// A verified token is remembered by its hash for a minute at most, so that a signature is checked once
// a minute and not once a request.
//
// # API keys
//
// A key is 256 random bits and a checksum. The file has the SHA-256 of each key. A slow hash such as
// bcrypt protects what people choose, by making each guess dear; 256 random bits cannot be guessed
// however cheap a guess is, and a slow hash on the way of every request would only be a means to
// keep the server busy. Looking up the hash takes the same time whatever part of a key is right.
//
// # Development
//
// In development the server has an issuer of its own: an Ed25519 key in its data directory, with which
// `backlinectl token` and the Playground's "Sign in as" mint tokens. In production the key is not
// read, so no token that it signed is good.
package identity
