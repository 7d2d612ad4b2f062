package main

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
)

func TestDefaults(t *testing.T) {
	t.Parallel()
	want := Config{
		Listening:         Listening{Addr: "127.0.0.1:8080", AdminAddr: "127.0.0.1:8081", Env: "development", Compress: true},
		EmbeddedDatabases: EmbeddedDatabases{DataDir: ".backline", EmbeddedShards: 4},
		OwnDatabases:      OwnDatabases{PostgresConns: 16},
		Data:              Data{SeedScale: 1},
		Requests:          Requests{Executor: "breadth", MaxCost: 1000, RequestTimeout: 3 * time.Second, DrainTimeout: 10 * time.Second},
		Limits:            defaultLimits,
		Documents:         Documents{Mode: "open", Automatic: true},
		Throttling:        Throttling{Throttle: "on", Instances: 1},
		Overload:          Overload{MaxConcurrency: "auto", MaxQueue: "auto"},
		Caching:           Caching{CacheBytes: 64 << 20},
		CORS:              CORS{MaxAge: time.Hour},
		Logging:           Logging{Log: "auto", LogLevel: "info"},
		Audit:             Audit{Log: "stderr"},
	}
	// What is set to nothing is not set, and what is not ours does not matter.
	for _, environ := range [][]string{nil, {"BACKLINE_ADDR=", "BACKLINE_SEED=", "ADDR=:1", "PATH=/bin", "-=x", "BACKLINE_TEST_X=1"}} {
		got, err := parse(nil, environ, "1", &bytes.Buffer{})
		if err != nil || got != want {
			t.Errorf("got %+v, %v", got, err)
		}
	}
}

// Every setting by flag and by variable, and the flag wins.
func TestSettings(t *testing.T) {
	t.Parallel()
	script := filepath.Join(t.TempDir(), "Chinook_PostgreSql.sql")
	if err := os.WriteFile(script, []byte("--"), 0o600); err != nil {
		t.Fatal(err)
	}
	noKeys := filepath.Join(t.TempDir(), "keys.jsonl")
	if err := os.WriteFile(noKeys, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	settings := []setting{
		{"addr", ":80", ":81", "Addr", ":80"},
		{"admin-addr", "[::1]:9000", ":81", "AdminAddr", "[::1]:9000"},
		{"env", "production", "development", "Env", "production"},
		{"data-dir", "a b/c", "d", "DataDir", "a b/c"},
		{"embedded-shards", "1", "64", "EmbeddedShards", 1},
		{"seed", script, "none", "Seed", script},
		{"seed-scale", "0.5", "100", "SeedScale", 0.5},
		{"postgres-urls", "postgres://a/b,postgresql://c:5433/d?sslmode=disable", "postgres://x/y", "PostgresURLs", "postgres://a/b,postgresql://c:5433/d?sslmode=disable"},
		{"redis-url", "redis://localhost:6379/0", "unix:///run/redis.sock", "RedisURL", "redis://localhost:6379/0"},
		{"postgres-conns", "1", "1000", "PostgresConns", 1},
		{"postgres-bin", "/opt/pg/bin", "/x", "PostgresBin", "/opt/pg/bin"},
		{"executor", "reference", "breadth", "Executor", "reference"},
		{"max-cost", "0", "5", "MaxCost", 0},
		{"log", "json", "text", "Log", "json"},
		{"log-level", "debug", "error", "LogLevel", "debug"},
		{"audit-log", script, "off", "Audit.Log", script},
		{"cache", "entities", "off", "Caching.Cache", "entities"},
		{"cache-subtrees", "true", "false", "Caching.CacheSubtrees", true},
		{"cache-bytes", "1048576", "2", "Caching.CacheBytes", uint64(1 << 20)},
		{"cache-name", "shop_1.eu", "b", "Caching.CacheName", "shop_1.eu"},
		{"request-timeout", "1m30s", "5s", "RequestTimeout", 90 * time.Second},
		{"drain-timeout", "500ms", "5s", "DrainTimeout", 500 * time.Millisecond},
		{"compress", "false", "true", "Compress", false},
		{"client-names", "web,ios", "web", "ClientNames", "web,ios"},
		{"throttle", "off", "on", "Throttle", "off"},
		{"plans", "default=1/2,partner=3/4", "default=9/9", "Plans", "default=1/2,partner=3/4"},
		{"instances", "3", "4", "Instances", 3},
		{"trusted-proxies", "2", "1", "TrustedProxies", 2},
		{"client-session", "cookie:sid", "header:X-Session", "ClientSession", "cookie:sid"},
		{"max-concurrency", "0", "100", "MaxConcurrency", "0"},
		{"max-queue", "7", "auto", "MaxQueue", "7"},
		{"h2c", "true", "false", "H2C", true},
		{"documents", script, "none", "Documents.File", script},
		{"documents-automatic", "false", "true", "Documents.Automatic", false},
		{"cors-origins", "https://a.example, http://b:81", "*", "CORS.Origins", "https://a.example, http://b:81"},
		{"cors-headers", "X-One,X-Two", "X-One", "CORS.Headers", "X-One,X-Two"},
		{"cors-max-age", "5m", "1h", "CORS.MaxAge", 5 * time.Minute},
		{"auth-issuers", anIssuer, strings.ReplaceAll(anIssuer, "id.", "other."), "Auth.Issuers", anIssuer},
		{"auth-keys", noKeys, script, "Auth.Keys", noKeys},
	}
	settings = append(settings, limitSettings...)
	for _, s := range settings {
		t.Run(s.flag, func(t *testing.T) {
			t.Parallel()
			name := "BACKLINE_" + strings.ToUpper(strings.ReplaceAll(s.flag, "-", "_"))
			for how, c := range map[string]struct{ args, environ []string }{
				"flag":           {[]string{"--" + s.flag, s.value}, nil},
				"flag with =":    {[]string{"--" + s.flag + "=" + s.value}, nil},
				"variable":       {nil, []string{name + "=" + s.value}},
				"the flag wins":  {[]string{"--" + s.flag + "=" + s.value}, []string{name + "=" + s.other}},
				"even if broken": {[]string{"--" + s.flag + "=" + s.value}, []string{name + "=\x00"}},
			} {
				if _, isSwitch := s.want.(bool); isSwitch && how == "flag" {
					continue // its value stands behind =
				}
				got, err := parse(c.args, c.environ, "1", &bytes.Buffer{})
				if err != nil {
					t.Errorf("%s: %v", how, err)
					continue
				}
				if v := field(got, s.field); v != s.want {
					t.Errorf("%s: got %v", how, v)
				}
			}
		})
	}
	t.Run("none is forgotten", func(t *testing.T) {
		t.Parallel()
		for name := range flagsOf(t) {
			isTested := slices.ContainsFunc(settings, func(s setting) bool { return s.flag == name })
			if !isTested && name != "reset" && !slices.Contains(dependent, name) {
				t.Errorf("%s is not tested", name)
			}
		}
	})
}

// dependent are the settings that need others; they have tests of their own.
var dependent = []string{"cors-credentials", "documents-mode", "documents-allow-invalid", "documents-exceed-limits"}

const anIssuer = `{"issuer":"https://id.example.com/","audience":"shop","algorithms":["RS256"],"jwks":"https://id.example.com/keys"}`

// setting is a flag with a value, another one for its variable, and what Config has then.
type setting struct {
	flag, value, other string
	field              string
	want               any
}

// field reads a field of a Config by its path.
func field(c Config, path string) any {
	v := reflect.ValueOf(c)
	for name := range strings.SplitSeq(path, ".") {
		v = v.FieldByName(name)
	}
	return v.Interface()
}

// flagsOf are the tags of all settings by their flags, found without the library that reads them.
func flagsOf(t *testing.T) map[string]reflect.StructTag {
	t.Helper()
	flags := map[string]reflect.StructTag{}
	var read func(of reflect.Type, prefix string)
	read = func(of reflect.Type, prefix string) {
		for f := range of.Fields() {
			if f.Type.Kind() == reflect.Struct {
				read(f.Type, prefix+f.Tag.Get("prefix"))
				continue
			}
			flags[prefix+f.Tag.Get("name")] = f.Tag
		}
	}
	read(reflect.TypeFor[Config](), "")
	if len(flags) < 15 || flags["limit-depth"] == "" {
		t.Fatalf("found only %v", flags)
	}
	return flags
}

// A bad value stops the start with its flag, its variable, itself, and what is allowed.
func TestBadSettings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ flag, value, want string }{
		{"addr", "8080", `--addr (BACKLINE_ADDR) is "8080": it must be HOST:PORT with a port from 0 to 65535`},
		{"addr", "127.0.0.1:65536", `--addr (BACKLINE_ADDR) is "127.0.0.1:65536": it must be HOST:PORT`},
		{"addr", "localhost:http", `--addr (BACKLINE_ADDR) is "localhost:http": it must be HOST:PORT`},
		{"admin-addr", "x", `--admin-addr (BACKLINE_ADMIN_ADDR) is "x": it must be HOST:PORT`},
		{"admin-addr", "127.0.0.1:8080", `--admin-addr (BACKLINE_ADMIN_ADDR) is "127.0.0.1:8080": it must be another address than --addr`},
		{"env", "prod", `--env (BACKLINE_ENV) is "prod": it must be development or production`},
		{"embedded-shards", "0", `--embedded-shards (BACKLINE_EMBEDDED_SHARDS) is 0: it must be from 1 to 64`},
		{"embedded-shards", "65", `is 65: it must be from 1 to 64`},
		{"embedded-shards", "four", `--embedded-shards (BACKLINE_EMBEDDED_SHARDS) is "four": it must be a whole number`},
		{"embedded-shards", "1.5", `is "1.5": it must be a whole number`},
		{"postgres-conns", "0", `--postgres-conns (BACKLINE_POSTGRES_CONNS) is 0: it must be from 1 to 1000`},
		{"seed", "demmo", `--seed (BACKLINE_SEED) is "demmo": it must be demo, none, or a file`},
		{"seed", ".", `--seed (BACKLINE_SEED) is ".": it must be demo, none, or a file`},
		{"seed-scale", "0", `--seed-scale (BACKLINE_SEED_SCALE) is 0: it must be above 0, and at most 10000`},
		{"seed-scale", "-1", `is -1: it must be above 0`},
		{"seed-scale", "NaN", `is NaN: it must be above 0`},
		{"seed-scale", "big", `is "big": it must be a number`},
		{"postgres-urls", "localhost", "URL 1 is not postgres://USER:PASSWORD@HOST:PORT/DATABASE"},
		{"postgres-urls", "postgres://a/b,mysql://u:s3cret@c/d", "URL 1 is not postgres://"},
		{"postgres-urls", "postgres://a/b,postgres://u:s3cret@c:port/d", "URL 2 is not postgres://"},
		{"postgres-urls", "postgres://a/b,postgres://c/d,postgres://u:s3cret@a/b", "URLs 1 and 3 name the same database"},
		{"redis-url", "http://s3cret@localhost", "--redis-url (BACKLINE_REDIS_URL) is not redis://"},
		{"executor", "fast", `--executor (BACKLINE_EXECUTOR) is "fast": it must be breadth or reference`},
		{"max-cost", "-1", `--max-cost (BACKLINE_MAX_COST) is -1: it must be from 0, which means no maximum, to 1000000000`},
		{"log", "xml", `--log (BACKLINE_LOG) is "xml": it must be auto or text or json`},
		{"log-level", "loud", `--log-level (BACKLINE_LOG_LEVEL) is "loud": it must be debug or info or warn or error`},
		{"compress", "maybe", `--compress (BACKLINE_COMPRESS) is "maybe": it must be true or false`},
		{"h2c", "2", `--h2c (BACKLINE_H2C) is "2": it must be true or false`},
		{"limit-depth", "-1", `--limit-depth (BACKLINE_LIMIT_DEPTH) is -1: it must be from 0, which means no limit, to 1000000000`},
		{"limit-depth", "2KiB", `--limit-depth (BACKLINE_LIMIT_DEPTH) is "2KiB": it must be a whole number`},
		{"limit-body", "0", `--limit-body (BACKLINE_LIMIT_BODY) is 0: it must be from 1 byte to 1000000000`},
		{"limit-body", "1GB", `--limit-body (BACKLINE_LIMIT_BODY) is "1GB": it must be a size in bytes such as 15000, 128KiB or 5MiB`},
		{"limit-string", "99999999999", `is "99999999999": it must be a size in bytes`},
		{"limit-response", "2000MiB", `--limit-response (BACKLINE_LIMIT_RESPONSE) is 2097152000: it must be from 0`},
		{"limit-documents", "0", `--limit-documents (BACKLINE_LIMIT_DOCUMENTS) is 0: it must be from 1`},
		{"documents", "no such file", `--documents (BACKLINE_DOCUMENTS) is "no such file": it must be a file`},
		{"documents", ".", `is ".": it must be a file`},
		{"documents-mode", "most", `--documents-mode (BACKLINE_DOCUMENTS_MODE) is "most": it must be open or prefer or only`},
		{"documents-mode", "only", `is "only": it must be open where there is no manifest`},
		{"documents-allow-invalid", "true", `--documents-allow-invalid (BACKLINE_DOCUMENTS_ALLOW_INVALID) is true: it must be left out where`},
		{"documents-exceed-limits", "true", `--documents-exceed-limits (BACKLINE_DOCUMENTS_EXCEED_LIMITS) is true: it must be left out where`},
		{"cors-origins", "app.example.com", `--cors-origins (BACKLINE_CORS_ORIGINS) is "app.example.com": it must be sites like https://app.example.com`},
		{"cors-origins", "https://a.example/", `is "https://a.example/": it must be sites`},
		{"cors-origins", "https://a.example,*", `is "https://a.example,*": it must be * alone, or sites`},
		{"cors-headers", "X One", `--cors-headers (BACKLINE_CORS_HEADERS) is "X One": it must be names of headers`},
		{"cors-credentials", "true", `--cors-credentials (BACKLINE_CORS_CREDENTIALS) is true: it must be left out without --cors-origins`},
		{"cors-max-age", "25h", `--cors-max-age (BACKLINE_CORS_MAX_AGE) is 25h0m0s: it must be above 0, and at most 24h0m0s`},
		{"auth-issuers", "none.json", `--auth-issuers (BACKLINE_AUTH_ISSUERS): read the issuers: open none.json: no such file`},
		{"auth-issuers", strings.Replace(anIssuer, "RS256", "HS256", 1), `the issuer "https://id.example.com/" has the algorithm "HS256": it must be one of ES256`},
		{"auth-keys", "none.jsonl", `--auth-keys (BACKLINE_AUTH_KEYS): read the API keys: open none.jsonl: no such file`},
		{"request-timeout", "3", `--request-timeout (BACKLINE_REQUEST_TIMEOUT) is "3": it must be a duration such as 3s or 500ms`},
		{"request-timeout", "0s", `is 0s: it must be above 0, and at most 10m0s`},
		{"throttle", "no", `--throttle (BACKLINE_THROTTLE) is "no": it must be on or off`},
		{"plans", "partner=1/1", "--plans (BACKLINE_PLANS): the plan default is missing"},
		{"plans", "default=100", `--plans (BACKLINE_PLANS): "default=100" is not NAME=CAPACITY/RESTORE, such as default=10000/500`},
		{"instances", "0", "--instances (BACKLINE_INSTANCES) is 0: it must be from 1 to 10000"},
		{"trusted-proxies", "-1", "--trusted-proxies (BACKLINE_TRUSTED_PROXIES) is -1: it must be from 0 to 100"},
		{"client-session", "sid", `--client-session (BACKLINE_CLIENT_SESSION) is "sid": it must be cookie:NAME or header:NAME`},
		{"client-session", "cookie:a b", "it must be cookie:NAME or header:NAME"},
		{"max-concurrency", "many", `--max-concurrency (BACKLINE_MAX_CONCURRENCY) is "many": it must be auto, or a whole number up to 1048575`},
		{"max-queue", "-2", `--max-queue (BACKLINE_MAX_QUEUE) is "-2": it must be auto, or a whole number`},
		{"drain-timeout", "1h", `--drain-timeout (BACKLINE_DRAIN_TIMEOUT) is 1h0m0s: it must be above 0, and at most 10m0s`},
	} {
		t.Run(c.flag+" "+c.value, func(t *testing.T) {
			t.Parallel()
			for how, in := range map[string]struct{ args, environ []string }{
				"flag":     {[]string{"--" + c.flag + "=" + c.value}, nil},
				"variable": {nil, []string{variable(c.flag) + "=" + c.value}},
			} {
				_, err := parse(in.args, in.environ, "1", &bytes.Buffer{})
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("%s: got %v, want %s", how, err, c.want)
				}
				if err != nil && strings.Contains(err.Error(), "s3cret") {
					t.Errorf("%s: the message has the password: %v", how, err)
				}
			}
		})
	}
}

func TestAllThatIsWrongIsSaid(t *testing.T) {
	t.Parallel()
	_, err := parse([]string{"--env=prod", "--log=xml"}, []string{"BACKLINE_EXECUTOR=fast"}, "1", &bytes.Buffer{})
	for _, want := range []string{"--env", "--log", "--executor"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %s in %v", want, err)
		}
	}
}

func TestUnknownSettings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args, environ []string
		want          string
	}{
		{[]string{"--adr=:80"}, nil, `unknown flag --adr, did you mean "--addr"?`},
		{[]string{"serve"}, nil, "unexpected argument serve"},
		{nil, []string{"BACKLINE_ADR=:80"}, "the environment variable BACKLINE_ADR is unknown: did you mean BACKLINE_ADDR?"},
		{nil, []string{"BACKLINE_LOGLEVEL=x"}, "did you mean BACKLINE_LOG_LEVEL?"},
		{nil, []string{"BACKLINE_SHARDS=2"}, "did you mean BACKLINE_EMBEDDED_SHARDS?"},
		{nil, []string{"BACKLINE_COLOUR=blue"}, "BACKLINE_COLOUR is unknown: --help lists what there is"},
		{nil, []string{"BACKLINE_RESET=1"}, "BACKLINE_RESET is unknown"}, // a kept variable would delete the data at every start
		{nil, []string{"BACKLINE_VERSION=1"}, "BACKLINE_VERSION is unknown"},
		{[]string{"--reset"}, []string{"BACKLINE_POSTGRES_URLS=postgres://a/b"}, "only embedded databases are reset"},
	} {
		if _, err := parse(c.args, c.environ, "1", &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v %v: got %v, want %s", c.args, c.environ, err, c.want)
		}
	}
}

// --help has every setting with its meaning, variable and default.
func TestHelp(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if _, err := parse([]string{"--help", "--env=prod"}, nil, "1", &out); !errors.Is(err, errAnswered) {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(out.String()), " ")
	for name, tag := range flagsOf(t) {
		flag := name
		if _, ok := tag.Lookup("negatable"); ok {
			flag = "[no-]" + name
		}
		want := []string{"--" + flag, tag.Get("help")}
		if tag.Get("env") != "-" {
			want = append(want, "Variable: "+variable(name)+".")
		}
		if d := tag.Get("default"); d != "" {
			want = append(want, "Default: "+d+".")
		}
		for _, w := range want {
			if !strings.Contains(text, strings.Join(strings.Fields(w), " ")) {
				t.Errorf("%s: no %q", name, w)
			}
		}
	}
	if t.Failed() {
		t.Log(out.String())
	}
}

// docs/reference/configuration.md, which is made without the library, has each flag of the library's.
func TestReference(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("docs/reference/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	var line commandLine
	parser, err := kong.New(&line, kong.Vars{"version": ""})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range parser.Model.Flags {
		if f.Name == "help" || f.Name == "version" {
			continue
		}
		cells := regexp.MustCompile("(?m)^\\| `--" + f.Name + "(?:=[^`]+)?` \\| (?:`([^`]*)`)? \\| (?:`([^`]*)`)? \\| .+ \\|$").FindSubmatch(text)
		if cells == nil {
			t.Errorf("--%s is not there: go generate .", f.Name)
			continue
		}
		initial := f.Default
		if f.IsBool() && initial == "" {
			initial = "false"
		}
		if string(cells[1]) != variableOf(f) || string(cells[2]) != initial {
			t.Errorf("--%s has the variable %q and the default %q", f.Name, cells[1], cells[2])
		}
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if _, err := parse([]string{"--version"}, nil, "v1.2.3", &out); !errors.Is(err, errAnswered) || out.String() != "v1.2.3\n" {
		t.Errorf("got %q, %v", out.String(), err)
	}
}

func TestDatabases(t *testing.T) {
	t.Parallel()
	for value, want := range map[string][]string{
		"":                                nil,
		"postgres://a/b":                  {"postgres://a/b"},
		"postgres://a/b,postgres://c/d":   {"postgres://a/b", "postgres://c/d"},
		"postgres://a/b, postgresql://c ": {"postgres://a/b", "postgresql://c"},
		"postgres://h1,h2:5433/b?target_session_attrs=primary,postgres://c/d": {"postgres://h1,h2:5433/b?target_session_attrs=primary", "postgres://c/d"},
	} {
		if got := (&OwnDatabases{PostgresURLs: value}).Databases(); !slices.Equal(got, want) {
			t.Errorf("%q: got %q", value, got)
		}
	}
}

func TestSeedSource(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ seed, urls, want string }{
		{"", "", "demo"},
		{"", "postgres://a/b", "none"},
		{"demo", "postgres://a/b", "demo"},
		{"none", "", "none"},
		{"x.sql", "", "x.sql"},
	} {
		if got := (&Config{Data: Data{Seed: c.seed}, OwnDatabases: OwnDatabases{PostgresURLs: c.urls}}).SeedSource(); got != c.want {
			t.Errorf("%+v: got %s", c, got)
		}
	}
}

func TestCacheMode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ cache, postgres, redis, want string }{
		{"", "", "", "fields"},
		{"", "postgres://a/b", "", "off"},
		{"", "", "redis://a", "off"},
		{"entities", "", "", "entities"},
		{"fields", "postgres://a/b", "redis://a", "fields"},
		{"off", "", "", "off"},
	} {
		config := Config{Caching: Caching{Cache: c.cache}, OwnDatabases: OwnDatabases{PostgresURLs: c.postgres, RedisURL: c.redis}}
		if got := config.CacheMode(); got != c.want {
			t.Errorf("%+v: got %s", c, got)
		}
	}
}

func TestLevel(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError} {
		if got := (&Logging{LogLevel: text}).Level(); got != want {
			t.Errorf("%s: got %v", text, got)
		}
	}
}
