package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"backline/loaders"
	"backline/loaders/fieldcache"
	"backline/redisurl"
	"backline/store"
)

type cacheCommand struct {
	Purge cachePurge `cmd:"" help:"Forget what is kept, in Redis and in all servers."`
}

// cachePurge is `backlinectl cache purge`.
type cachePurge struct {
	What     []string `arg:"" optional:"" placeholder:"WHAT" help:"A row (Artist:art_…), a type (Artist), a field (Artist.albums), or a field of one row (Artist.albums:art_…)."`
	All      bool     `name:"all" help:"Forget everything."`
	RedisURL string   `name:"redis-url" env:"BACKLINE_REDIS_URL" required:"" placeholder:"URL" help:"The Redis of the servers."`
}

// Help is what `--help` adds.
func (*cachePurge) Help() string {
	return `Servers forget by themselves what somebody changes. This is for what they cannot hear of: rows that were restored
from a backup or written while a feed was away, or a resolver of your own that was wrong.

A row takes along all that may hold it: pages, lists, searches. What is purged is read from the shards again when it is
next asked for, so purge a busy type when there is room for that. It may be done at any time, and again.

Examples:

  BACKLINE_REDIS_URL=… backlinectl cache purge Artist:art_68g00va
  backlinectl cache purge Artist Album --redis-url redis://127.0.0.1:6379
  backlinectl cache purge Artist.albums Query.search
  backlinectl cache purge --all`
}

// purgeTimeout bounds the whole of it: a Redis that is away is an error.
const purgeTimeout = 10 * time.Second

// Run purges, and tells what.
func (p *cachePurge) Run(c *console) error {
	refs, err := p.refs()
	if err != nil {
		return err
	}
	client, err := redisurl.Open(p.RedisURL)
	if err != nil {
		return fmt.Errorf("read --redis-url: %w", err)
	}
	defer client.Close() //nolint:errcheck // nothing waits to be written
	ctx, cancel := context.WithTimeout(c.ctx, purgeTimeout)
	defer cancel()
	if err := fieldcache.NewInvalidator(client, "").Invalidate(ctx, refs...); err != nil {
		return err
	}
	for _, r := range refs {
		fmt.Fprintln(c.out, "forgotten:", describe(r))
	}
	return nil
}

// describe says what a ref stands for.
func describe(r fieldcache.Ref) string {
	typ, _, isField := strings.Cut(r.Space, ".")
	switch {
	case r.Space == "":
		return "everything"
	case r.ID == 0 && isField:
		return "all of " + r.Space
	case r.ID == 0:
		return "all rows of " + r.Space
	}
	return r.Space + " of " + store.NodeID{Kind: store.KindOf(typ), ID: store.ID(r.ID)}.String()
}

// refs are what the arguments name, each once.
func (p *cachePurge) refs() ([]fieldcache.Ref, error) {
	switch {
	case p.All && len(p.What) > 0:
		return nil, fmt.Errorf("--all takes no names")
	case p.All:
		return []fieldcache.Ref{{}}, nil
	case len(p.What) == 0:
		return nil, fmt.Errorf("name what to purge, such as Artist:art_…, Artist or Artist.albums, or say --all")
	}
	var refs []fieldcache.Ref
	for _, what := range p.What {
		some, err := refsOf(what)
		if err != nil {
			return nil, err
		}
		for _, r := range some {
			if !slices.Contains(refs, r) {
				refs = append(refs, r)
			}
		}
	}
	return refs, nil
}

// refsOf is what a name means: "Artist", "Artist:art_…", "Artist.albums", "Artist.albums:art_…".
func refsOf(what string) ([]fieldcache.Ref, error) {
	name, text, hasID := strings.Cut(what, ":")
	if !hasID {
		return loaders.Forget(name, 0)
	}
	typ, _, _ := strings.Cut(name, ".")
	kind := store.KindOf(typ)
	if kind == 0 {
		return nil, fmt.Errorf("%s: %s has no rows of its own, so leave out the ID", what, typ)
	}
	node, err := store.ParseNodeID(text)
	if err != nil {
		return nil, err
	}
	id, err := node.As(kind)
	if err != nil {
		return nil, err
	}
	return loaders.Forget(name, int64(id))
}
