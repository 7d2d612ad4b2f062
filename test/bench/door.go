package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"backline/test/bench/data"
	"backline/test/bench/query"
	"backline/test/bench/report"
)

// What stands in front of the resolvers costs something: limits, prices, budgets, documents by their
// ids, who asks. Servers of one build are asked the cheapest question, two with all of it switched on and
// one with what can be switched off switched off.

// doorless is Backline with every limit off that can be, and without prices, budgets and bounds of
// what runs at a time. The body and the cache of documents always have one.
func doorless() *server {
	return withSettings(backline(report.Doorless, "Backline without its door", 1, "breadth"), nil, func(*bench) []string {
		settings := []string{
			"BACKLINE_MAX_COST=0", "BACKLINE_THROTTLE=off", "BACKLINE_MAX_CONCURRENCY=0", "BACKLINE_DOCUMENTS_AUTOMATIC=false",
		}
		for _, limit := range []string{
			"DOCUMENT", "TOKENS", "OPERATIONS", "DEPTH", "INTROSPECTION_DEPTH", "ALIASES", "ROOT_FIELDS", "MUTATION_FIELDS",
			"DIRECTIVES", "SELECTIONS", "PAGE_SIZE", "INPUT_DEPTH", "LIST", "STRING", "VARIABLES", "RESPONSE", "ERRORS",
		} {
			settings = append(settings, "BACKLINE_LIMIT_"+limit+"=0")
		}
		return settings
	})
}

// doored is Backline as it is in production: default limits, prices, a budget in Redis that never runs
// out, documents of a manifest preferred, and an API key with each request.
func doored() *server {
	return withSettings(backline(report.Doored, "Backline with all of its door", 1, "breadth"), (*bench).prepareDoor, func(b *bench) []string {
		settings := b.doorSettings()
		if b.doorKey != "" {
			settings = append(settings, "BACKLINE_AUTH_KEYS="+b.doorKeys())
		}
		return settings
	})
}

// dooredByID is the same for clients that were built with the manifest: they name its documents by their
// ids, and a token says who asks.
func dooredByID() *server {
	title := "Backline with all of its door, by token and id"
	return withSettings(backline(report.DooredByID, title, 1, "breadth"), (*bench).prepareDoorByID, func(b *bench) []string {
		return append(b.doorSettings(), "BACKLINE_AUTH_ISSUERS="+b.doorIssuers())
	})
}

func (b *bench) doorSettings() []string {
	return []string{
		"BACKLINE_MAX_COST=1000", "BACKLINE_THROTTLE=on", "BACKLINE_PLANS=default=1000000000/1000000000",
		"BACKLINE_DOCUMENTS=" + b.manifest(), "BACKLINE_DOCUMENTS_MODE=prefer",
	}
}

// isOfDoor says whether a server is only asked what the door costs.
func isOfDoor(name string) bool {
	return name == report.Doored || name == report.DooredByID || name == report.Doorless
}

// doorQuestion is the cheapest question: what the door takes away is the greatest part of it.
const doorQuestion = "Q4"

// withSettings adds to the environment of a server of Backline's: of a variable the last value counts.
func withSettings(s *server, prepare func(b *bench, ctx context.Context) error, settings func(b *bench) []string) *server {
	build, start := s.build, s.start
	s.build = func(ctx context.Context, b *bench) error {
		if err := build(ctx, b); err != nil || prepare == nil {
			return err
		}
		return prepare(b, ctx)
	}
	s.start = func(b *bench, c *data.Cluster, addr, debug string) *exec.Cmd {
		cmd := start(b, c, addr, debug)
		cmd.Env = append(cmd.Env, settings(b)...)
		return cmd
	}
	return s
}

func (b *bench) manifest() string { return filepath.Join(b.temp, "manifest.json") }
func (b *bench) doorKeys() string { return filepath.Join(b.temp, "door-keys.jsonl") }

// doorDocument is the id of the question's document.
const doorDocument = "point"

func (b *bench) writeManifest() error {
	text, err := query.Text(query.Backline, doorQuestion)
	if err != nil {
		return err
	}
	manifest, err := json.Marshal(map[string]string{doorDocument: text})
	if err != nil {
		return err
	}
	return os.WriteFile(b.manifest(), manifest, 0o600)
}

// prepareDoor writes the manifest and makes an API key.
func (b *bench) prepareDoor(ctx context.Context) error {
	if err := b.writeManifest(); err != nil {
		return err
	}
	help, err := exec.CommandContext(ctx, b.product(report.Doored), "--help").Output()
	if err != nil || !strings.Contains(string(help), "--auth-keys") {
		b.say("this build asks nobody who they are: the door is measured without")
		return err
	}
	if err := b.goBuild(ctx, "../..", "./cmd/backlinectl", "backlinectl"); err != nil {
		return err
	}
	key, err := exec.CommandContext(ctx, b.binary("backlinectl"), "key", "new", "--name", "door", "--file", b.doorKeys()).Output()
	if err != nil {
		return fmt.Errorf("make an API key: %w", err)
	}
	b.doorKey = strings.TrimSpace(string(key))
	return nil
}
