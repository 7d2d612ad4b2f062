package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"backline/test/bench/query"
	"backline/test/bench/report"
)

var errFigures = errors.New("a figure that must be reached was missed")

// report shows the results and writes them where they were asked for.
func (b *bench) report(ctx context.Context, r *report.Results) error {
	if err := b.describe(ctx, r); err != nil {
		return err
	}
	r.Judge()
	titles := map[string]string{query.Twice.ID: query.Twice.Title}
	for _, q := range query.All {
		titles[q.ID] = q.Title
	}
	r.WriteSubject(os.Stdout)
	r.WriteTables(os.Stdout, titles)
	fmt.Println()
	all := r.WriteFigures(os.Stdout)
	if b.out != "" {
		if err := os.MkdirAll(b.out, 0o755); err != nil {
			return err
		}
		text, err := json.MarshalIndent(r, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(b.out, "results.json"), append(text, '\n'), 0o644); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(b.out, "chart.svg"), r.Chart(titles), 0o644); err != nil {
			return err
		}
	}
	if b.check && !all {
		return errFigures
	}
	return nil
}

// describe says what the figures hold for.
func (b *bench) describe(ctx context.Context, r *report.Results) (err error) {
	r.Started = time.Now().UTC().Format(time.RFC3339)
	r.Command = "go run . " + strings.Join(os.Args[1:], " ")
	r.Scale, r.RoundsN, r.Seconds = b.scale, b.rounds, b.duration.Seconds()
	r.Missing, r.Failed = b.missing, b.failed
	r.Machine = machine()
	r.Commit = said(exec.Command("git", "describe", "--always", "--dirty"))
	r.Versions = map[string]string{
		"Go": runtime.Version(), "Node": said(exec.Command("node", "--version")), "Postgres": b.clusters[1].Version,
	}
	for _, s := range b.servers {
		version, err := b.version(s.server)
		if err != nil {
			return err
		}
		r.Servers = append(r.Servers, report.Server{Name: s.name, Title: s.title, Version: version})
	}
	r.Rows, err = b.clusters[1].Rows(ctx)
	return err
}
