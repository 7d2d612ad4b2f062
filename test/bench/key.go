package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"

	"backline/test/bench/query"
)

// A customer's page is not for everybody: Backline is asked for it with an API key of an admin, and
// checks it for each request. The peers ask nobody who they are.

// ownRows are the questions about rows that have owners.
var ownRows = map[string]bool{"Q2": true}

// makeKey makes the key, once, with the operator's tool.
func (b *bench) makeKey(ctx context.Context) error {
	if b.key != "" {
		return nil
	}
	if err := b.goBuild(ctx, "../..", "./cmd/backlinectl", "backlinectl"); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, b.binary("backlinectl"), "key", "new", "--name", "bench", "--scopes", "admin", "--file", b.keyFile())
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("make an API key: %w", err)
	}
	b.key = strings.TrimSpace(string(out))
	return nil
}

func (b *bench) keyFile() string { return filepath.Join(b.temp, "keys.jsonl") }

// credentialFor is the header with the key that a question needs of a server, "" if none.
func (b *bench) credentialFor(r *running, q query.Query) string {
	if r.dialect != dialectOfProduct || !ownRows[q.ID] {
		return ""
	}
	return keyHeader(b.key)
}

func keyHeader(key string) string { return "X-API-Key: " + key }

// rights are the settings of a build that knows who asks; an older one, as a baseline, has none.
func (b *bench) rights(binary string) []string {
	help, err := exec.Command(binary, "--help").Output()
	if err != nil || !strings.Contains(string(help), "--auth-keys") {
		return nil
	}
	settings := []string{"BACKLINE_AUTH_KEYS=" + b.keyFile()}
	if strings.Contains(string(help), "--audit-log") {
		settings = append(settings, "BACKLINE_AUDIT_LOG=off") // the peers write down nothing
	}
	return settings
}
