package main

import (
	"errors"
	"regexp"
	"slices"
	"strings"
)

// Caching is what is kept of what has been read.
type Caching struct {
	Cache         string `name:"cache" placeholder:"off|entities|fields" help:"Keep what the schema says with @cached, in the process and in Redis: rows by their ids, or also lists and other fields. Changes are heard from each shard's WAL; where wal_level is not logical, nothing is kept for more than five seconds. Default: fields where Postgres and Redis are both embedded, off with your own."`
	CacheSubtrees bool   `name:"cache-subtrees" help:"Keep encoded answers of root fields too, where everybody may see all that is below them and all of it is kept: they are spliced into answers without being executed. With --cache=off it has no effect."`
	CacheBytes    uint64 `name:"cache-bytes" default:"67108864" placeholder:"BYTES" help:"How much the process keeps; 0 leaves it to Redis."`
	CacheName     string `name:"cache-name" placeholder:"NAME" help:"What instances that keep the same call what they keep in Redis. By default it follows from the databases, so that two fleets never read each other's values. Set it, to the same in all instances of a fleet, where the databases of two fleets are physical copies of each other, such as a snapshot that was restored, and they share a Redis."`
}

const (
	cacheOff      = "off"
	cacheEntities = "entities"
	cacheFields   = "fields"
)

// cacheName is what a name may be.
var cacheName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

func cacheModes() []string { return []string{cacheOff, cacheEntities, cacheFields} }

// CacheMode is what is kept: "off", "entities" or "fields". Databases of somebody else's are left alone
// unless they ask for it: a change feed keeps WAL on their disks.
func (c *Config) CacheMode() string {
	switch {
	case c.Cache != "":
		return c.Cache
	case c.PostgresURLs != "" || c.RedisURL != "":
		return cacheOff
	default:
		return cacheFields
	}
}

func (c *Caching) validate() error {
	return errors.Join(
		check(c.Cache == "" || slices.Contains(cacheModes(), c.Cache), "cache", c.Cache, strings.Join(cacheModes(), " or ")),
		check(c.CacheName == "" || cacheName.MatchString(c.CacheName), "cache-name", c.CacheName, "up to 64 letters, digits, dots, hyphens and underscores"),
		check(c.CacheBytes <= 1<<40, "cache-bytes", c.CacheBytes, "from 0, which is none, to 1099511627776"),
	)
}
