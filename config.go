package main

import (
	"errors"
	"log/slog"
	"time"
)

// Config is everything that can be set: a struct for each area, in a file of its own once it has
// rules of its own. Each flag is an environment variable as well: BACKLINE_ and the flag's name in
// capitals, unless its tag says env:"-". The flag wins. An area whose flags begin with the same word
// is a named field with a prefix; the others are embedded.
//
// docs/reference/configuration.md is made from the tags.
//
//go:generate go run ./docs/reference/generate
type Config struct {
	Listening         `group:"Listening"`
	EmbeddedDatabases `group:"Embedded databases"`
	OwnDatabases      `group:"Your own databases"`
	Data              `group:"Data"`
	Requests          `group:"Requests"`
	Limits            Limits    `embed:"" prefix:"limit-" group:"Limits of a request"`
	Documents         Documents `embed:"" group:"Persisted operations"`
	Throttling        `group:"What a client may spend"`
	Overload          `group:"Overload"`
	Caching           `group:"Cache"`
	CORS              CORS `embed:"" prefix:"cors-" group:"Pages of other sites"`
	Auth              Auth `embed:"" prefix:"auth-" group:"Identity"`
	Logging           `group:"Log and metrics"`
	Audit             Audit `embed:"" prefix:"audit-" group:"Log and metrics"`
}

// Listening is where the server is reached, and how it speaks.
type Listening struct {
	Addr      string `name:"addr" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where GraphQL and the Playground are served. Port 0 takes a free one; without a host it is every address of the machine."`
	AdminAddr string `name:"admin-addr" default:"127.0.0.1:8081" placeholder:"HOST:PORT" help:"Where /metrics and /debug/pprof are served. Keep it private."`
	Env       string `name:"env" default:"development" placeholder:"development|production" help:"Development tells clients the schema, suggestions in errors, and the statements behind an answer; production tells the schema to viewers with the scope admin, and nothing else."`
	Compress  bool   `name:"compress" default:"true" negatable:"" help:"Compress answers for clients that read it. Leave it to a proxy in front if there is one."`
	H2C       bool   `name:"h2c" help:"Speak HTTP/2 without TLS as well, to clients that begin with it: a proxy or a service mesh."`
}

// Requests is how they run.
type Requests struct {
	Executor       string        `name:"executor" default:"breadth" placeholder:"breadth|reference" help:"What runs operations: the breadth-first executor, or gqlgen's own, which is the reference and slow."`
	MaxCost        int           `name:"max-cost" default:"1000" placeholder:"POINTS" help:"What one operation may cost; 0 is no maximum. Code: COST_LIMIT."`
	RequestTimeout time.Duration `name:"request-timeout" default:"3s" placeholder:"DURATION" help:"How long an operation may take. What is not there by then is an error."`
	DrainTimeout   time.Duration `name:"drain-timeout" default:"10s" placeholder:"DURATION" help:"How long requests may take to end once the server is told to stop."`
}

// Logging is what is written about all of it.
type Logging struct {
	Log         string `name:"log" default:"auto" placeholder:"auto|text|json" help:"The format; auto is text on a terminal and JSON elsewhere."`
	ClientNames string `name:"client-names" placeholder:"NAME,NAME,..." help:"The clients that metrics tell apart, by what they say in GraphQL-Client-Name; all others are other. Default: the first 30 that come."`
	LogLevel    string `name:"log-level" default:"info" placeholder:"debug|info|warn|error" help:"The least level that is logged."`
}

// Names that settings take as values.
const (
	development = "development"
	production  = "production"
)

// Validate checks what the types do not, and reports everything that is wrong: flag, variable,
// value, and what is allowed.
func (c *Config) Validate() error {
	return errors.Join(
		address("addr", c.Addr),
		address("admin-addr", c.AdminAddr),
		distinct("admin-addr", c.AdminAddr, c.Addr),
		oneOf("env", c.Env, development, production),
		c.validateDatabases(),
		oneOf("executor", c.Executor, "breadth", "reference"),
		check(0 <= c.MaxCost && c.MaxCost <= maxCount, "max-cost", c.MaxCost, "from 0, which means no maximum, to 1000000000"),
		timeout("request-timeout", c.RequestTimeout),
		timeout("drain-timeout", c.DrainTimeout),
		c.Limits.validate(),
		c.Documents.validate(),
		c.Throttling.validate(),
		c.Overload.validate(),
		c.Caching.validate(),
		c.CORS.validate(),
		c.Auth.validate(),
		c.Audit.validate(),
		oneOf("log", c.Log, "auto", "text", "json"),
		oneOf("log-level", c.LogLevel, "debug", "info", "warn", "error"),
	)
}

// Level is LogLevel for slog.
func (c *Logging) Level() slog.Level {
	var level slog.Level
	if level.UnmarshalText([]byte(c.LogLevel)) != nil { // Validate has refused it
		return slog.LevelInfo
	}
	return level
}
