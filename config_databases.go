package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"

	"backline/redisurl"
	"backline/store"
)

// EmbeddedDatabases are the ones that the server starts for itself.
type EmbeddedDatabases struct {
	DataDir        string `name:"data-dir" default:".backline" placeholder:"DIR" help:"Where the embedded databases keep their data."`
	EmbeddedShards int    `name:"embedded-shards" default:"4" placeholder:"N" help:"How many Postgres shards to start, 1 to 64."`
	PostgresBin    string `name:"postgres-bin" placeholder:"DIR" help:"The directory of postgres and initdb. Without it they are looked for in PATH and the usual places, and downloaded where there are none."`
	Reset          bool   `name:"reset" env:"-" help:"Delete the data of the embedded databases and begin anew."`
}

// OwnDatabases are somebody else's.
type OwnDatabases struct {
	PostgresURLs  string `name:"postgres-urls" placeholder:"URL,URL,..." help:"Postgres databases, one per shard, always in the same order. None is started then."`
	PostgresConns int    `name:"postgres-conns" default:"16" placeholder:"N" help:"Connections to each shard at most, 1 to 1000. Where Postgres shares its processors with others, fewer answer as fast and take less of them: about two for each processor that a shard has for itself."`
	RedisURL      string `name:"redis-url" placeholder:"URL" help:"A Redis, redis://, rediss:// or unix://. None is started then. Several addresses with commas between them (redis://USER:PASSWORD@A:6379,B:6379) are a Redis Cluster, or with ?master_name=NAME the Sentinels of a master."`
}

// Data is what lies in databases that are empty at the start.
type Data struct {
	Seed      string  `name:"seed" placeholder:"demo|none|FILE" help:"What empty shards are filled with: a made-up music store, nothing, or the official Chinook_PostgreSql.sql. Default: demo for embedded databases, none for your own."`
	SeedScale float64 `name:"seed-scale" default:"1" placeholder:"N" help:"The size of the demo, up to 10000. 1 is 300 artists, 3,500 tracks, 1,000 customers and 10,000 invoices."`
}

const (
	seedDemo = "demo"
	seedNone = "none"

	maxEmbeddedShards = 64
	maxSeedScale      = 10_000
	maxPostgresConns  = 1000
)

func (c *Config) validateDatabases() error {
	return errors.Join(
		check(c.DataDir != "", "data-dir", c.DataDir, "the path of a directory"),
		check(1 <= c.EmbeddedShards && c.EmbeddedShards <= maxEmbeddedShards, "embedded-shards", c.EmbeddedShards,
			"from 1 to "+strconv.Itoa(maxEmbeddedShards)),
		databases(c.PostgresURLs),
		check(c.PostgresURLs == "" || !c.Reset, "reset", true, "left out together with --postgres-urls: only embedded databases are reset"),
		check(1 <= c.PostgresConns && c.PostgresConns <= maxPostgresConns, "postgres-conns", c.PostgresConns,
			"from 1 to "+strconv.Itoa(maxPostgresConns)),
		redisURL(c.RedisURL),
		seedSource(c.Seed),
		check(c.SeedScale > 0 && c.SeedScale <= maxSeedScale, "seed-scale", c.SeedScale,
			"above 0, and at most "+strconv.Itoa(maxSeedScale)),
	)
}

// SeedSource is what empty shards are filled with: "demo", "none", or the path of a script. Nothing
// made up goes into databases that somebody else made, unless they ask for it.
func (c *Config) SeedSource() string {
	switch {
	case c.Seed != "":
		return c.Seed
	case c.PostgresURLs != "":
		return seedNone
	default:
		return seedDemo
	}
}

// Databases are the URLs of PostgresURLs.
func (c *OwnDatabases) Databases() []string {
	return store.SplitURLs(c.PostgresURLs)
}

// databases never repeats a URL, because it may hold a password.
func databases(value string) error {
	const flag = "postgres-urls"
	seen := map[string]int{}
	for i, text := range (&OwnDatabases{PostgresURLs: value}).Databases() {
		u, err := url.Parse(text)
		if err != nil || !isPostgres(u) || strings.Count(text, "://") > 1 {
			return fmt.Errorf("--%s (%s): URL %d is not postgres://USER:PASSWORD@HOST:PORT/DATABASE", flag, variable(flag), i+1)
		}
		place := u.Host + "/" + u.Query().Get("host") + ":" + u.Query().Get("port") + u.Path
		if first, again := seen[place]; again {
			return fmt.Errorf("--%s (%s): URLs %d and %d name the same database, and each shard needs its own", flag, variable(flag), first, i+1)
		}
		seen[place] = i + 1
	}
	return nil
}

func isPostgres(u *url.URL) bool {
	return (u.Scheme == "postgres" || u.Scheme == "postgresql") && (u.Host != "" || u.Query().Get("host") != "")
}

func redisURL(value string) error {
	if value == "" {
		return nil
	}
	if client, err := redisurl.Open(value); err == nil { // it does not connect yet
		return client.Close()
	}
	return fmt.Errorf("--redis-url (%s) is not redis://USER:PASSWORD@HOST:PORT/DATABASE, rediss://… or unix://PATH; several addresses HOST:PORT,HOST:PORT are a Cluster without /DATABASE, or Sentinels with ?master_name=NAME", variable("redis-url"))
}

func seedSource(value string) error {
	if value == "" || value == seedDemo || value == seedNone {
		return nil
	}
	info, err := os.Stat(value)
	return check(err == nil && !info.IsDir(), "seed", value, "demo, none, or a file like Chinook_PostgreSql.sql, and there is no such file")
}
