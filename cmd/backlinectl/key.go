package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"backline/gateway/identity"
)

type keyCommand struct {
	New keyNew `cmd:"" help:"Make an API key."`
}

// keyNew is `backlinectl key new`.
type keyNew struct {
	Name    string   `name:"name" required:"" placeholder:"NAME" help:"Whose key it is, in logs and for throttling. No other key in the file may have it."`
	Scopes  []string `name:"scopes" placeholder:"SCOPE,..." help:"What it may do, such as staff. Default: nothing that nobody may do."`
	Plan    string   `name:"plan" placeholder:"NAME" help:"The throttling plan."`
	Expires string   `name:"expires" default:"365d" placeholder:"TIME" help:"When it ends: after 90d or 12h, on 2027-01-31, or never. Default: 365d."`
	File    string   `name:"file" placeholder:"FILE" help:"Append the line to this file, which is made if need be, instead of printing it."`
}

// Help is what `--help` adds.
func (*keyNew) Help() string {
	return `The key is printed once and kept nowhere; the line has its hash. Servers read the file of
--auth-keys again when it changes. To withdraw a key, take its line out.

Examples:

  backlinectl key new --name reports --scopes staff --expires 90d --file keys.jsonl
  backlinectl key new --name partner --plan partner`
}

// Run makes a key.
func (k *keyNew) Run(c *console) error {
	expires, err := expiry(k.Expires, time.Now())
	if err != nil {
		return err
	}
	text, key, err := identity.NewKey(k.Name, k.Scopes, k.Plan, expires)
	if err != nil {
		return err
	}
	line, err := key.Line()
	if err != nil {
		return err
	}
	if k.File != "" {
		if err := appendLine(k.File, line); err != nil {
			return fmt.Errorf("add the key to %s: %w", k.File, err)
		}
	}
	fmt.Fprintln(c.out, text)
	if k.File == "" {
		fmt.Fprintln(c.out, line)
	}
	fmt.Fprintln(c.err, "Keep the key: it cannot be shown again.")
	return nil
}

// appendLine adds a line in one write, so that a server never reads half of it. What servers would
// refuse stays out.
func appendLine(path, line string) error {
	content, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(content) > 0 && content[len(content)-1] != '\n' {
		line = "\n" + line
	}
	if err := identity.CheckKeys(append(content, line...)); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(line + "\n")
	return errors.Join(err, file.Close())
}

// expiry reads a time: from now, on a day, or never, which is the zero time.
func expiry(text string, now time.Time) (time.Time, error) {
	if text == "never" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		at, err = time.Parse(time.RFC3339, text)
	}
	if days, ok := strings.CutSuffix(text, "d"); ok && err != nil {
		if n, problem := strconv.Atoi(days); problem == nil && n <= 36_500 {
			at, err = now.AddDate(0, 0, n), nil
		}
	}
	if lasts, problem := time.ParseDuration(text); problem == nil {
		at, err = now.Add(lasts), nil
	}
	if err != nil || !at.After(now) {
		return time.Time{}, fmt.Errorf("--expires is %q: it must be a time to come, such as 90d, 12h or 2027-01-31, or never", text)
	}
	return at, nil
}
