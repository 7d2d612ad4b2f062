// Command redisget is the server that answers from a cache are held against: net/http, and one GET of
// go-redis for each request. Its key is made of the operation's name and its one variable, found without
// parsing GraphQL; the benchmark has put the answers of Backline there.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	_ "net/http/pprof"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"syscall"

	"github.com/redis/go-redis/v9"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "where to answer")
	debug := flag.String("debug", "127.0.0.1:0", "where to serve profiles")
	url := flag.String("redis", "", "the Redis")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *addr, *debug, *url); err != nil {
		fmt.Fprintln(os.Stderr, "redisget:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, addr, debug, url string) error {
	o, err := redis.ParseURL(url)
	if err != nil {
		return err
	}
	client := redis.NewClient(o)
	defer client.Close()
	failed := make(chan error, 2)
	go func() { failed <- http.ListenAndServe(debug, nil) }()
	server := &http.Server{Addr: addr, Handler: &handler{client}}
	go func() { failed <- server.ListenAndServe() }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return errors.Join(server.Close())
	}
}

type handler struct{ client *redis.Client }

var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

var contentType = []string{"application/json"}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body := bodies.Get().(*bytes.Buffer)
	defer bodies.Put(body)
	body.Reset()
	if _, err := body.ReadFrom(io.LimitReader(r.Body, 64<<10)); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	b, err := h.client.Get(r.Context(), key(body.Bytes())).Bytes()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	header := w.Header()
	header["Content-Type"] = contentType
	header["Content-Length"] = []string{strconv.Itoa(len(b))}
	w.Write(b)
}

// key is where the answer to a request lies.
func key(body []byte) string {
	_, variables, _ := bytes.Cut(body, []byte(`"variables":{"`))
	return "redisget:" + string(text(body, `"operationName":"`)) + ":" + string(text(variables, `":"`))
}

// text is what stands behind a mark, up to the next quote.
func text(body []byte, mark string) []byte {
	_, rest, _ := bytes.Cut(body, []byte(mark))
	found, _, _ := bytes.Cut(rest, []byte(`"`))
	return found
}
