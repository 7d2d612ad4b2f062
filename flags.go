package main

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/agnivade/levenshtein"
	"github.com/alecthomas/kong"
)

// errAnswered says that the command line asked for a text, which has been printed.
var errAnswered = errors.New("answered")

// commandLine is the Config and what only prints.
type commandLine struct {
	Config
	Version kong.VersionFlag `name:"version" env:"-" help:"Print the version and exit."`
}

// parse reads the flags and the environment ("NAME=value" each). It returns errAnswered after
// --help and --version.
func parse(args, environ []string, version string, out io.Writer) (Config, error) {
	var line commandLine
	answered := false
	parser, err := kong.New(&line,
		kong.Name("backline"),
		kong.Description("A GraphQL server over sharded Postgres. Without any setting it starts four Postgres shards and Redis for itself, fills them with a demo, and serves it."),
		kong.Vars{"version": version},
		kong.Writers(out, io.Discard),
		kong.Exit(func(int) { answered = true }),
		kong.ValueFormatter(helpOf),
		kong.TypeMapper(reflect.TypeFor[time.Duration](), reader("a duration such as 3s or 500ms", time.ParseDuration)),
		kong.TypeMapper(reflect.TypeFor[Bytes](), reader(expectedBytes, parseBytes)),
		kong.KindMapper(reflect.Bool, switched{}),
		kong.KindMapper(reflect.Int, reader("a whole number", strconv.Atoi)),
		kong.KindMapper(reflect.Float64, reader("a number", parseFloat)),
		kong.Resolvers(environment(environ)),
	)
	if err != nil {
		return Config{}, fmt.Errorf("read the command line: %w", err)
	}
	_, err = parser.Parse(args)
	switch {
	case answered:
		return Config{}, errAnswered
	case err != nil:
		return Config{}, explain(err)
	}
	if err := unknownVariables(parser.Model, environ); err != nil {
		return Config{}, err
	}
	return line.Config, nil
}

// variableOf is the environment variable of a flag, "" if it has none.
func variableOf(f *kong.Flag) string {
	if f.Name == "help" || slices.Contains(f.Tag.Envs, "-") {
		return ""
	}
	return variable(f.Name)
}

// environment resolves flags that the command line leaves out. An empty variable is none, because
// that is how compose files and CI leave one out.
func environment(environ []string) kong.Resolver {
	values := make(map[string]string, len(environ))
	for _, pair := range environ {
		if name, value, ok := strings.Cut(pair, "="); ok && value != "" {
			values[name] = value
		}
	}
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, f *kong.Flag) (any, error) {
		if value, ok := values[variableOf(f)]; ok {
			return value, nil
		}
		return nil, nil // what kong takes for "not here"
	})
}

// testPrefix begins the variables that tests of the project read; a server below them ignores them.
const testPrefix = "BACKLINE_TEST_"

// unknownVariables refuses what looks like a setting and is none: a misspelled variable would
// otherwise be a default that nobody wanted.
func unknownVariables(app *kong.Application, environ []string) error {
	var known []string
	for _, f := range app.Flags {
		if name := variableOf(f); name != "" {
			known = append(known, name)
		}
	}
	var errs []error
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, "BACKLINE_") || strings.HasPrefix(name, testPrefix) || slices.Contains(known, name) {
			continue
		}
		hint := "--help lists what there is"
		if near := nearest(name, known); near != "" {
			hint = "did you mean " + near + "?"
		}
		errs = append(errs, fmt.Errorf("the environment variable %s is unknown: %s", name, hint))
	}
	return errors.Join(errs...)
}

// nearest is the name that was probably meant: two typing errors away, or with a word left out.
func nearest(name string, known []string) string {
	word := strings.TrimPrefix(name, "BACKLINE_")
	distance := func(k string) int {
		d := levenshtein.ComputeDistance(name, k)
		if len(word) > 2 && strings.Contains(k, word) {
			d = min(d, 2)
		}
		return d
	}
	best := slices.MinFunc(known, func(a, b string) int { return distance(a) - distance(b) })
	if distance(best) > 2 {
		return ""
	}
	return best
}

// reader makes a kong mapper whose errors say what was expected.
func reader[T any](expected string, read func(string) (T, error)) kong.MapperFunc {
	return func(ctx *kong.DecodeContext, target reflect.Value) error {
		token, err := ctx.Scan.PopValue("value")
		if err != nil {
			return err
		}
		text := fmt.Sprint(token.Value)
		value, err := read(text)
		if err != nil {
			return &valueError{check(false, ctx.Value.Name, text, expected)}
		}
		target.Set(reflect.ValueOf(value).Convert(target.Type()))
		return nil
	}
}

// switched reads a flag that is given or not, and may have a value behind "=" or in its variable.
type switched struct{}

// IsBool tells kong that the next argument is not the value.
func (switched) IsBool() bool { return true }

// Decode implements kong.Mapper.
func (switched) Decode(ctx *kong.DecodeContext, target reflect.Value) error {
	if ctx.Scan.Peek().Type != kong.FlagValueToken {
		target.SetBool(true)
		return nil
	}
	text := fmt.Sprint(ctx.Scan.Pop().Value)
	value, err := strconv.ParseBool(text)
	if err != nil {
		return &valueError{check(false, ctx.Value.Name, text, "true or false")}
	}
	target.SetBool(value)
	return nil
}

func parseFloat(s string) (float64, error) { return strconv.ParseFloat(s, 64) }

// valueError is complete: what kong says around it would repeat the flag.
type valueError struct{ error }

func explain(err error) error {
	if complete, ok := errors.AsType[*valueError](err); ok {
		return complete.error
	}
	return err
}

// helpOf is the meaning of a flag with its variable and default.
func helpOf(v *kong.Value) string {
	help := v.Help
	if v.Flag == nil {
		return help
	}
	if name := variableOf(v.Flag); name != "" {
		help += " Variable: " + name + "."
	}
	if v.HasDefault {
		help += " Default: " + v.Default + "."
	}
	return help
}
