package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"backline/test/fleet"
)

// clockFile names, in the environment of a server that is built with jumping, the file that says how far
// the clock of its cache is ahead. The server says that it has read it in another file, with the number of
// its process behind the name.
const clockFile = "BACKLINE_TEST_CLOCK"

// jumping makes a server whose cache can be taken to another time, so that nobody waits for a row to be
// old, and a machine that is slow does not let it become old while everybody asks.
var jumping = []fleet.Edit{
	{File: "caching.go", Old: "import (\n", New: "import (\n\t\"os\"\n\t\"strconv\"\n\t\"sync/atomic\"\n"},
	{File: "caching.go", Old: "LocalBytes: c.CacheBytes,", New: "LocalBytes: c.CacheBytes, Clock: jumping(),"},
	{File: "caching.go", Old: "// keeping is the cache", New: `func jumping() func() time.Time {
	var ahead atomic.Int64
	file := os.Getenv("` + clockFile + `")
	go func() {
		for ; ; time.Sleep(time.Millisecond) {
			text, err := os.ReadFile(file)
			if err != nil {
				continue
			}
			d, err := time.ParseDuration(string(text))
			if err == nil && int64(d) != ahead.Load() {
				ahead.Store(int64(d))
				if err := os.WriteFile(file+"."+strconv.Itoa(os.Getpid()), text, 0o600); err != nil {
					panic(err)
				}
			}
		}
	}()
	return func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
}

// keeping is the cache`},
}

// jump takes the caches of all servers to a later time, and waits until they serve again.
func (s *stampede) jump(ctx context.Context, by time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, settled)
	defer cancel()
	s.ahead += by
	// In one step: who reads half of it would be somewhere else.
	if err := os.WriteFile(s.clock+".new", []byte(s.ahead.String()), 0o600); err != nil {
		return fmt.Errorf("set the clock: %w", err)
	}
	if err := os.Rename(s.clock+".new", s.clock); err != nil {
		return fmt.Errorf("set the clock: %w", err)
	}
	for _, server := range s.fleet.Servers {
		said := fmt.Sprint(s.clock, ".", server.PID())
		err := poll(ctx, func() error {
			text, err := os.ReadFile(said)
			if err == nil && string(text) != s.ahead.String() {
				err = fmt.Errorf("%s is at %s", server.Name, text)
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("set the clock: %w", err)
		}
	}
	return s.served(ctx)
}

// served waits until the caches of all servers are themselves again.
func (s *stampede) served(ctx context.Context) error {
	for _, server := range s.fleet.Servers {
		if err := server.AwaitCache(ctx); err != nil {
			return err
		}
	}
	return nil
}

// poll tries until it works.
func poll(ctx context.Context, try func() error) error {
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-time.After(2 * time.Millisecond):
		case <-ctx.Done():
			return errors.Join(err, context.Cause(ctx))
		}
	}
}
