package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"backline/test/bench/data"
	"backline/test/bench/load"
	"backline/test/bench/proc"
	"backline/test/bench/query"
	"backline/test/bench/report"
)

// bench is one run.
type bench struct {
	options
	home string // the folder of this module
	temp string // binaries and logs of this run
	key  string // of an admin of Backline

	clusters map[int]*data.Cluster
	workload *data.Workload
	cursors  map[query.Dialect]*query.Cursors
	load     *load.Client
	children []*proc.Child
	servers  []*running
	asked    []query.Query
	missing  map[string]string // server → why
	failed   map[string]string // server and question → why
	npm      *error            // of the packages' installation, if that was tried
	doorKey  string            // an API key for the server with the door; "": its build knows none

	doorToken string // a JWT for the server that is asked by ids of documents
}

func (b *bench) say(format string, values ...any) {
	fmt.Fprintf(os.Stderr, "%s  %s\n", time.Now().Format(time.TimeOnly), fmt.Sprintf(format, values...))
}

// open starts everything that is needed for the servers that were chosen.
func (b *bench) open(ctx context.Context) (err error) {
	if b.home, err = os.Getwd(); err != nil {
		return err
	}
	if b.temp, err = os.MkdirTemp("", "backline-bench-run-"); err != nil {
		return err
	}
	if b.load, err = load.Start(); err != nil {
		return err
	}
	b.clusters, b.missing, b.failed = map[int]*data.Cluster{}, map[string]string{}, map[string]string{}
	for _, s := range servers {
		if !b.chosen(s.name) {
			continue
		}
		c, err := b.cluster(ctx, s.shards)
		if err != nil {
			return err
		}
		b.say("starting %s", s.name)
		r, err := b.launch(ctx, s, c)
		if err != nil && s.peer && ctx.Err() == nil {
			b.missing[s.name] = strings.Join(strings.Fields(err.Error()), " ")
			b.say("%s is missing: %s", s.name, b.missing[s.name])
			continue
		}
		if err != nil {
			return err
		}
		b.servers = append(b.servers, r)
	}
	one, err := b.cluster(ctx, 1)
	if err != nil {
		return err
	}
	if b.workload, err = data.NewWorkload(ctx, one); err != nil {
		return err
	}
	b.cursors = map[query.Dialect]*query.Cursors{}
	for _, r := range b.servers {
		if b.cursors[r.dialect] == nil {
			if b.cursors[r.dialect], err = query.NewCursors(r.addr, r.dialect); err != nil {
				return fmt.Errorf("ask %s: %w", r.name, err)
			}
		}
	}
	return nil
}

func (b *bench) cluster(ctx context.Context, shards int) (*data.Cluster, error) {
	if c := b.clusters[shards]; c != nil {
		return c, nil
	}
	c, err := data.Open(ctx, b.data, shards, b.scale, func(m string) { b.say("%s", m) })
	if err != nil {
		return nil, err
	}
	b.clusters[shards] = c
	return c, nil
}

// close ends all that was started, in the opposite order.
func (b *bench) close() error {
	var errs []error
	for _, c := range slices.Backward(b.children) {
		errs = append(errs, c.Stop())
	}
	if b.load != nil {
		errs = append(errs, b.load.Close())
	}
	for _, c := range b.clusters {
		errs = append(errs, c.Close())
	}
	if b.temp != "" {
		errs = append(errs, os.RemoveAll(b.temp))
	}
	return errors.Join(errs...)
}

// asks says whether a server is asked a question.
func (r *running) asks(q query.Query) bool {
	if isOfDoor(r.name) {
		return q.ID == doorQuestion
	}
	if isOfCaches(r.name) {
		return cacheQuestions[q.ID]
	}
	return q != query.Twice || r.name == us
}

// measures says whether a server is measured at a number of connections: a quick run has time for
// all of them only for what the figures are about.
func (b *bench) measures(r *running, q query.Query, conns int) bool {
	const main = 16
	switch {
	case conns == main || !slices.Contains(b.conns, main):
		return true
	case q == query.Twice:
		return false
	}
	return !b.quick || r.name == us || r.name == report.Limit || r.name == baseline || isOfDoor(r.name) || isOfCaches(r.name)
}

// us is the server that the figures are about.
const us = "backline"

// job is a run of requests to a server.
func (b *bench) job(r *running, q query.Query, conns int) (load.Job, error) {
	j := load.Job{Addr: r.addr, Path: "/graphql", Group: r.name + " " + q.ID, Connections: conns, Credential: b.credentialFor(r, q)}
	var err error
	j.Bodies, err = query.Bodies(r.dialect, q, b.workload, b.cursors[r.dialect])
	if err != nil {
		return j, err
	}
	switch {
	case r.name == report.Doored && b.doorKey != "":
		j.Credential = keyHeader(b.doorKey)
	case r.name == report.DooredByID:
		j.Credential = "Authorization: Bearer " + b.doorToken
		j.Bodies, err = query.ByID(j.Bodies, doorDocument)
	}
	return j, err
}
