// Package loaders gathers the keys of a wave and loads them in batches: at most one statement per
// loader and shard, whatever the width of the query.
//
// It owns the loaders of one response and the moment at which they dispatch. It knows rows and
// relations through the store, and nothing of GraphQL documents; the executor tells it only how
// many resolvers are running (Enter and Leave).
//
// A resolver hands all keys of its level to LoadAll and is parked there. As soon as every resolver
// of the wave has returned or is parked, nothing can add to the batches any more, and they leave
// together: one round trip per shard. There is no timer. For example, in
// { artists { albums { artist { albums { title } } } } }:
//
//	wave 1  Query.artists parks in Artists          → 1 batch, 1 statement per shard
//	wave 2  Artist.albums parks in AlbumsByArtistID → 1 batch, 1 statement per shard
//	wave 3  Album.artist parks in ArtistByID        → 1 batch, 1 statement per shard
//	wave 4  Artist.albums once more                 → nothing to send: its keys have their answers
//
// With a field cache (Options.Cache) the keys of a round that it may have go through it first, all at
// once, and the store is asked for the rest. What is kept of which table, and what a change of a row
// touches, is generated (Spaces, Dependents).
//
// The executor may say which columns the operation needs (Set.Read); rows then hold only these.
//
// Loaders satisfy dataloader v7's Interface, and a BatchFunc written for dataloader v7 becomes a
// loader of the same waves with [NewBatched]. The library's own Loader is not underneath: it
// starts a goroutine and makes eight allocations per key, where a wave needs a few per batch.
package loaders
