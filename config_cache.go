package main

import "errors"

// Caching is what is kept of what has been read.
type Caching struct {
	Cache         string `name:"cache" default:"off" placeholder:"off|entities|fields" help:"Keep what the schema says with @cached, in the process and in Redis: rows by their ids, or also lists and other fields. Changes are heard from each shard's WAL; where wal_level is not logical, nothing is kept for more than five seconds."`
	CacheSubtrees bool   `name:"cache-subtrees" help:"Keep encoded answers of root fields too, where everybody may see all that is below them and all of it is kept: they are spliced into answers without being executed. With --cache=off it has no effect."`
	CacheBytes    uint64 `name:"cache-bytes" default:"67108864" placeholder:"BYTES" help:"How much the process keeps; 0 leaves it to Redis."`
}

const (
	cacheOff      = "off"
	cacheEntities = "entities"
	cacheFields   = "fields"
)

func (c *Caching) validate() error {
	return errors.Join(
		oneOf("cache", c.Cache, cacheOff, cacheEntities, cacheFields),
		check(c.CacheBytes <= 1<<40, "cache-bytes", c.CacheBytes, "from 0, which is none, to 1099511627776"),
	)
}
