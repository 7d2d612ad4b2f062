// Command limit is the server that bounds the benchmark: written by hand for its four questions and
// for nothing else. It reads the operation's name and its one variable from the request without
// parsing GraphQL, sends the best SQL that we know for the whole answer in one round trip, and
// writes Postgres' bytes into the answer as they arrive. It gives Backline's answers, byte for byte.
//
// It takes no short cut that no real server could take: the rows are read anew for every request,
// the connections are pooled, and a client that goes away cancels its statements.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	_ "net/http/pprof"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "where to answer")
	debug := flag.String("debug", "127.0.0.1:0", "where to serve profiles")
	url := flag.String("postgres", "", "the database")
	conns := flag.Int("conns", 16, "connections to it")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *addr, *debug, *url, *conns); err != nil {
		fmt.Fprintln(os.Stderr, "limit:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, addr, debug, url string, conns int) error {
	db, err := open(ctx, url, conns)
	if err != nil {
		return err
	}
	defer db.Close()
	failed := make(chan error, 2)
	go func() { failed <- http.ListenAndServe(debug, nil) }()
	server := &http.Server{Addr: addr, Handler: &handler{db}}
	go func() { failed <- server.ListenAndServe() }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return errors.Join(server.Close())
	}
}
