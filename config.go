package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Config is everything that can be set. Each flag is an environment variable as well: BACKLINE_ and
// the flag's name in capitals, unless its tag says env:"-". The flag wins.
type Config struct {
	Addr      string `name:"addr" group:"Listening" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where GraphQL and the Playground are served. Port 0 takes a free one; without a host it is every address of the machine."`
	AdminAddr string `name:"admin-addr" group:"Listening" default:"127.0.0.1:8081" placeholder:"HOST:PORT" help:"Where /metrics and /debug/pprof are served. Keep it private."`
	Env       string `name:"env" group:"Listening" default:"development" placeholder:"development|production" help:"Development tells clients the schema, suggestions in errors, and what an answer cost; production does not."`

	DataDir        string `name:"data-dir" group:"Embedded databases" default:".backline" placeholder:"DIR" help:"Where the embedded databases keep their data."`
	EmbeddedShards int    `name:"embedded-shards" group:"Embedded databases" default:"4" placeholder:"N" help:"How many Postgres shards to start, 1 to 64."`
	PostgresBin    string `name:"postgres-bin" group:"Embedded databases" placeholder:"DIR" help:"The directory of postgres and initdb. Without it they are looked for in PATH and the usual places, and downloaded where there are none."`
	Reset          bool   `name:"reset" env:"-" group:"Embedded databases" help:"Delete the data of the embedded databases and begin anew."`

	PostgresURLs string `name:"postgres-urls" group:"Your own databases" placeholder:"URL,URL,..." help:"Postgres databases, one per shard, always in the same order. None is started then."`
	RedisURL     string `name:"redis-url" group:"Your own databases" placeholder:"URL" help:"A Redis, redis://, rediss:// or unix://. None is started then. Several addresses with commas between them (redis://USER:PASSWORD@A:6379,B:6379) are a Redis Cluster, or with ?master_name=NAME the Sentinels of a master."`

	Seed      string  `name:"seed" group:"Data" placeholder:"demo|none|FILE" help:"What empty shards are filled with: a made-up music store, nothing, or the official Chinook_PostgreSql.sql. Default: demo for embedded databases, none for your own."`
	SeedScale float64 `name:"seed-scale" group:"Data" default:"1" placeholder:"N" help:"The size of the demo, up to 10000. 1 is 300 artists, 3,500 tracks, 1,000 customers and 10,000 invoices."`

	Executor       string        `name:"executor" group:"Requests" default:"breadth" placeholder:"breadth|reference" help:"What runs operations: the breadth-first executor, or gqlgen's own, which is the reference and slow."`
	RequestTimeout time.Duration `name:"request-timeout" group:"Requests" default:"3s" placeholder:"DURATION" help:"How long an operation may take. What is not there by then is an error."`
	DrainTimeout   time.Duration `name:"drain-timeout" group:"Requests" default:"10s" placeholder:"DURATION" help:"How long requests may take to end once the server is told to stop."`

	Log      string `name:"log" group:"Log" default:"auto" placeholder:"auto|text|json" help:"The format; auto is text on a terminal and JSON elsewhere."`
	LogLevel string `name:"log-level" group:"Log" default:"info" placeholder:"debug|info|warn|error" help:"The least level that is logged."`
}

// Names that settings take as values.
const (
	development = "development"
	production  = "production"
	seedDemo    = "demo"
	seedNone    = "none"

	maxEmbeddedShards = 64
	maxSeedScale      = 10_000
	maxTimeout        = 10 * time.Minute
)

// Validate checks what the types do not, and reports everything that is wrong: flag, variable,
// value, and what is allowed.
func (c *Config) Validate() error {
	return errors.Join(
		address("addr", c.Addr),
		address("admin-addr", c.AdminAddr),
		distinct("admin-addr", c.AdminAddr, c.Addr),
		oneOf("env", c.Env, development, production),
		check(c.DataDir != "", "data-dir", c.DataDir, "the path of a directory"),
		check(1 <= c.EmbeddedShards && c.EmbeddedShards <= maxEmbeddedShards, "embedded-shards", c.EmbeddedShards,
			"from 1 to "+strconv.Itoa(maxEmbeddedShards)),
		databases(c.PostgresURLs),
		check(c.PostgresURLs == "" || !c.Reset, "reset", true, "left out together with --postgres-urls: only embedded databases are reset"),
		redisURL(c.RedisURL),
		seedSource(c.Seed),
		check(c.SeedScale > 0 && c.SeedScale <= maxSeedScale, "seed-scale", c.SeedScale,
			"above 0, and at most "+strconv.Itoa(maxSeedScale)),
		oneOf("executor", c.Executor, "breadth", "reference"),
		timeout("request-timeout", c.RequestTimeout),
		timeout("drain-timeout", c.DrainTimeout),
		oneOf("log", c.Log, "auto", "text", "json"),
		oneOf("log-level", c.LogLevel, "debug", "info", "warn", "error"),
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

// Databases are the URLs of PostgresURLs. One URL may itself name several hosts with commas, so
// only a comma in front of a scheme divides.
func (c *Config) Databases() []string {
	if strings.TrimSpace(c.PostgresURLs) == "" {
		return nil
	}
	marked := betweenURLs.ReplaceAllString(c.PostgresURLs, "\n$1")
	urls := strings.Split(marked, "\n")
	for i := range urls {
		urls[i] = strings.TrimSpace(urls[i])
	}
	return urls
}

var betweenURLs = regexp.MustCompile(`,\s*(postgres(?:ql)?://)`)

// Level is LogLevel for slog.
func (c *Config) Level() slog.Level {
	var level slog.Level
	if level.UnmarshalText([]byte(c.LogLevel)) != nil { // Validate has refused it
		return slog.LevelInfo
	}
	return level
}

// variable is the environment variable of a flag.
func variable(flag string) string {
	return "BACKLINE_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// check is nil if a setting is good, and otherwise says what it must be.
func check(good bool, flag string, value any, must string) error {
	if good {
		return nil
	}
	name := "--" + flag
	if flag != "reset" {
		name += " (" + variable(flag) + ")"
	}
	if s, ok := value.(string); ok {
		value = strconv.Quote(s)
	}
	return fmt.Errorf("%s is %v: it must be %s", name, value, must)
}

func oneOf(flag, value string, allowed ...string) error {
	return check(slices.Contains(allowed, value), flag, value, strings.Join(allowed, " or "))
}

func timeout(flag string, value time.Duration) error {
	return check(value > 0 && value <= maxTimeout, flag, value, "above 0, and at most "+maxTimeout.String())
}

func address(flag, value string) error {
	_, port, err := net.SplitHostPort(value)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	return check(err == nil, flag, value, "HOST:PORT with a port from 0 to 65535, such as 127.0.0.1:8080 or :8080")
}

func distinct(flag, value, other string) error {
	return check(value != other || strings.HasSuffix(value, ":0"), flag, value, "another address than --addr")
}

// databases never repeats a URL, because it may hold a password.
func databases(value string) error {
	const flag = "postgres-urls"
	seen := map[string]int{}
	for i, text := range (&Config{PostgresURLs: value}).Databases() {
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
	if client, err := openRedis(value); err == nil { // it does not connect yet
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
