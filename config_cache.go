package main

import "errors"

// Caching is what is kept of what has been read.
type Caching struct {
	Cache      string `name:"cache" default:"off" placeholder:"off|entities" help:"Keep rows of types with @cached by their ids, in the process and in Redis. Changes are heard from each shard's WAL; where wal_level is not logical, rows are kept for five seconds at most."`
	CacheBytes uint64 `name:"cache-bytes" default:"67108864" placeholder:"BYTES" help:"How much the process keeps; 0 leaves it to Redis."`
}

const (
	cacheOff      = "off"
	cacheEntities = "entities"
)

func (c *Caching) validate() error {
	return errors.Join(
		oneOf("cache", c.Cache, cacheOff, cacheEntities),
		check(c.CacheBytes <= 1<<40, "cache-bytes", c.CacheBytes, "from 0, which is none, to 1099511627776"),
	)
}
