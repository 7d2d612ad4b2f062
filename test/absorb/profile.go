package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
)

// profileSeconds bounds a profile; what is measured may take less, and then the rest of it is idle.
const profileSeconds = 8

// profiled begins to profile the server that keeps something, if that is wanted. ended waits for it.
func (a *absorb) profiled(ctx context.Context, server int) (ended func() error, err error) {
	if a.profile == "" || server == 0 {
		return func() error { return nil }, nil
	}
	f, err := os.Create(a.profile)
	if err != nil {
		return nil, err
	}
	url := fmt.Sprintf("%s/debug/pprof/profile?seconds=%d", a.fleet.Servers[server].AdminURL(), profileSeconds)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	done := make(chan error, 1)
	go func() {
		answer, err := a.web.Do(r)
		if err == nil {
			_, err = io.Copy(f, answer.Body)
			err = errors.Join(err, answer.Body.Close())
		}
		done <- errors.Join(err, f.Close())
	}()
	return func() error { return <-done }, nil
}
