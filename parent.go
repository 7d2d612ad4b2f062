package main

import (
	"context"
	"os"
	"strings"
	"time"
)

// untilOrphaned ends a context when `go run` is gone: it passes neither SIGTERM nor its own death on
// to the program that it runs, which would serve on with nobody knowing of it. A program that was not
// started by it is left alone.
func untilOrphaned(ctx context.Context) context.Context {
	if path, err := os.Executable(); err != nil || !strings.Contains(path, "/go-build") {
		return ctx
	}
	ctx, cancel := context.WithCancel(ctx)
	parent := os.Getppid()
	go func() {
		defer cancel()
		look := time.NewTicker(250 * time.Millisecond)
		defer look.Stop()
		for os.Getppid() == parent {
			select {
			case <-ctx.Done():
				return
			case <-look.C:
			}
		}
	}()
	return ctx
}
