package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"

	"github.com/redis/go-redis/v9"

	"backline/test/bench/data"
	"backline/test/bench/query"
	"backline/test/bench/report"
)

// What is kept is answered without Postgres. These servers are held against one that gets each answer
// from Redis with one command; they are asked the cheapest question and the widest.

// redisGet is that one.
func redisGet() *server {
	return &server{
		name: report.RedisGet, title: "net/http + one GET of go-redis", dialect: dialectOfProduct, shards: 1, debugged: true,
		modules: []string{"github.com/redis/go-redis/v9"}, program: "redisget",
		build: func(ctx context.Context, b *bench) error { return b.goBuild(ctx, ".", "./redisget", "redisget") },
		start: func(b *bench, c *data.Cluster, addr, debug string) *exec.Cmd {
			return exec.Command(b.binary("redisget"), "-addr", addr, "-debug", debug, "-redis", c.RedisURL)
		},
	}
}

// caching is Backline with a cache.
func caching(name, title string, settings ...string) *server {
	return withSettings(backline(name, title, 1, "breadth"), nil, func(*bench) []string {
		return append([]string{"BACKLINE_CACHE=fields", "BACKLINE_CACHE_BYTES=1073741824"}, settings...)
	})
}

// isOfCaches says whether a server is only asked what caches gain.
func isOfCaches(name string) bool {
	switch name {
	case report.RedisGet, report.Cached, report.Bytes, report.BytesL1:
		return true
	}
	return false
}

// cacheQuestions are those that they are asked.
var cacheQuestions = map[string]bool{"Q1": true, "Q4": true}

// fillCaches puts answers to where the servers with caches find them.
func (b *bench) fillCaches(ctx context.Context) error {
	for _, q := range b.asked {
		for _, r := range b.servers {
			if !isOfCaches(r.name) || !r.asks(q) {
				continue
			}
			if r.name == report.RedisGet {
				if err := b.fillRedisGet(ctx, r, q); err != nil {
					return fmt.Errorf("fill Redis for %s: %w", q.ID, err)
				}
				continue
			}
			j, err := b.job(r, q, 4)
			if err != nil {
				return err
			}
			j.Requests = 2 * data.Variants
			if _, err := b.load.Run(j); err != nil {
				return fmt.Errorf("fill the cache of %s with %s: %w", r.name, q.ID, err)
			}
		}
	}
	return ctx.Err()
}

var errNobodyAnswers = errors.New("choose another server of Backline's, whose answers it can give")

// fillRedisGet gives Redis the answers of the first server of Backline's own.
func (b *bench) fillRedisGet(ctx context.Context, r *running, q query.Query) error {
	var from *running
	for _, s := range b.servers {
		if s.dialect == dialectOfProduct && s.name != report.RedisGet && s.shards == r.shards && s.asks(q) {
			from = s
			break
		}
	}
	if from == nil {
		return errNobodyAnswers
	}
	j, err := b.job(from, q, 4)
	if err != nil {
		return err
	}
	bodies := j.Bodies
	j.Requests, j.KeepAnswers = len(bodies), true
	result, err := b.load.Run(j)
	if err != nil {
		return err
	}
	o, err := redis.ParseURL(r.cluster.RedisURL)
	if err != nil {
		return err
	}
	client := redis.NewClient(o)
	defer client.Close()
	for i, answer := range result.Answers {
		var request struct {
			OperationName string
			Variables     map[string]string
		}
		if err := json.Unmarshal(bodies[i], &request); err != nil {
			return err
		}
		for _, v := range request.Variables {
			if err := client.Set(ctx, "redisget:"+request.OperationName+":"+v, answer, 0).Err(); err != nil {
				return err
			}
		}
	}
	return nil
}
