// Command gqlgen is a server as gqlgen's documentation has it: generated code, a resolver call for
// each object, and dataloaders (graph-gophers/dataloader v7) that collect what the calls ask for.
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

	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/vektah/gqlparser/v2/ast"

	"backline/test/bench/gqlgen/graph"
	"backline/test/bench/gqlgen/loader"
)

//go:generate go run github.com/99designs/gqlgen@v0.17.98 generate

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "where to answer")
	debug := flag.String("debug", "127.0.0.1:0", "where to serve profiles")
	url := flag.String("postgres", "", "the database")
	conns := flag.Int("conns", 16, "connections to it")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *addr, *debug, *url, *conns); err != nil {
		fmt.Fprintln(os.Stderr, "gqlgen:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, addr, debug, url string, conns int) error {
	c, err := pgxpool.ParseConfig(url)
	if err != nil {
		return err
	}
	c.MaxConns = int32(conns)
	c.ConnConfig.RuntimeParams["plan_cache_mode"] = "force_generic_plan"
	db, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return err
	}
	defer db.Close()
	reader := &loader.Reader{DB: db}
	s := handler.New(graph.NewExecutableSchema(graph.Config{Resolvers: &graph.Resolver{Reader: reader}}))
	s.AddTransport(transport.Options{})
	s.AddTransport(transport.GET{})
	s.AddTransport(transport.POST{})
	s.SetQueryCache(lru.New[*ast.QueryDocument](1000))
	s.Use(extension.Introspection{})
	s.Use(extension.AutomaticPersistedQuery{Cache: lru.New[string](100)})
	routes := http.NewServeMux()
	routes.Handle("/graphql", loader.Middleware(reader, s))
	failed := make(chan error, 2)
	go func() { failed <- http.ListenAndServe(debug, nil) }()
	server := &http.Server{Addr: addr, Handler: routes}
	go func() { failed <- server.ListenAndServe() }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return errors.Join(server.Close())
	}
}
