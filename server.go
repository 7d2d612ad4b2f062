// Backline serves a GraphQL schema over sharded Postgres.
//
// This package joins the parts: Config → build → serve → drain. It owns the command line, the
// listeners and the order in which things start and stop, and holds no rule of its own about
// queries. Every other package is below it and knows nothing of it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9/logging"

	"backline/gateway"
	"backline/telemetry"
)

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400) // little lives long here: most of the heap is a response's, gone with it
	}
	runtime.MemProfileRate = 4 << 20 // a sample walks a deep stack: one for each 512 KiB takes a percent
	c, err := parse(os.Args[1:], os.Environ(), version(), os.Stdout)
	if errors.Is(err, errAnswered) {
		return
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "backline: %v\nbackline --help lists all settings.\n", err)
		os.Exit(2)
	}
	logging.Disable() // go-redis would write past our log what it also returns
	if err := run(untilOrphaned(untilSignal()), c, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "backline:", err)
		os.Exit(1)
	}
}

// untilSignal is a context that ends with the first signal to stop. The second ends the process at
// once: by then nobody catches it.
func untilSignal() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		signal.Stop(signals)
		cancel()
	}()
	return ctx
}

// version is what the build recorded: a tag, or a revision.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// run serves until ctx ends, and drains. It greets on out and logs to log.
func run(ctx context.Context, c Config, out, log io.Writer) (err error) {
	tel, err := telemetry.New(ctx, telemetry.Options{
		ServiceName: "backline", Version: version(), Log: c.Log, Level: c.Level(), Out: log,
		ClientNames: list(c.ClientNames),
	})
	if err != nil {
		return err
	}
	s := &server{config: c, telemetry: tel, log: tel.Log, failed: make(chan error, 2)}
	defer func() { err = errors.Join(err, s.stop(context.WithoutCancel(ctx))) }()
	if err := s.listen(ctx); err != nil {
		return err
	}
	if s.app, err = build(ctx, c, tel, out); err != nil {
		if ctx.Err() != nil {
			s.log.Info("stopped before it was started")
			return nil
		}
		return err
	}
	s.front.Store(s.app.gateway)
	greet(out, tel.Log, s.places())
	select {
	case err := <-s.failed:
		return err
	case <-ctx.Done():
		return nil
	}
}

// server is the two listeners and what stands behind them.
type server struct {
	config    Config
	telemetry *telemetry.Telemetry
	log       *slog.Logger
	front     handler // of the public listener
	app       *app    // nil until it is built
	failed    chan error

	public, admin         *http.Server
	publicAddr, adminAddr net.Addr
}

// handler lets a listener answer before the application is built.
type handler struct{ current atomic.Pointer[http.Handler] }

func (h *handler) Store(next http.Handler) { h.current.Store(&next) }

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	(*h.current.Load()).ServeHTTP(w, r)
}

// listen opens both listeners before anything that takes time: a port that is taken is known at
// once, and probes are answered while shards migrate.
func (s *server) listen(ctx context.Context) error {
	s.front.Store(gateway.Starting())
	public, err := listenOn(ctx, "addr", s.config.Addr)
	if err != nil {
		return err
	}
	admin, err := listenOn(ctx, "admin-addr", s.config.AdminAddr)
	if err != nil {
		return errors.Join(err, public.Close())
	}
	s.publicAddr, s.adminAddr = public.Addr(), admin.Addr()
	s.public = newHTTPServer(&s.front, s.log)
	s.public.WriteTimeout = s.config.RequestTimeout + 10*time.Second // for slow readers
	s.public.Protocols, s.public.HTTP2 = protocols(s.config.H2C), http2Limits()
	s.admin = newHTTPServer(s.telemetry.Admin(), s.log)
	s.admin.WriteTimeout = 5 * time.Minute // for profiles
	go s.serve(s.public, gateway.Gather(public))
	go s.serve(s.admin, admin)
	return nil
}

func (s *server) serve(h *http.Server, l net.Listener) {
	if err := h.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		s.failed <- fmt.Errorf("serve on %s: %w", l.Addr(), err)
	}
}

// newHTTPServer has limits against clients that are slow on purpose.
func newHTTPServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// protocols are what the public listener speaks: HTTP/1.1, and HTTP/2 to clients that begin with its
// preface, if they may. HTTP/2 over TLS is a matter of who terminates TLS in front.
func protocols(h2c bool) *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(true)
	p.SetUnencryptedHTTP2(h2c)
	return p
}

// http2Limits bound what one HTTP/2 connection can hold up: its requests at a time, and what it may
// send before somebody reads it.
func http2Limits() *http.HTTP2Config {
	return &http.HTTP2Config{
		MaxConcurrentStreams:          100,
		MaxDecoderHeaderTableSize:     4 << 10,
		MaxReadFrameSize:              16 << 10,
		MaxReceiveBufferPerConnection: 1 << 20,
		MaxReceiveBufferPerStream:     256 << 10,
		SendPingTimeout:               30 * time.Second,
		PingTimeout:                   15 * time.Second,
		WriteByteTimeout:              10 * time.Second,
	}
}

// stop ends everything in the opposite order: readiness, listeners, requests, application, spans.
func (s *server) stop(ctx context.Context) error {
	if s.app != nil {
		s.log.Info("draining", "timeout", s.config.DrainTimeout)
		s.app.gateway.Drain()
	}
	var errs []error
	if s.public != nil {
		errs = append(errs, drain(ctx, s.public, s.config.DrainTimeout, s.log), s.admin.Close())
	}
	if s.app != nil {
		errs = append(errs, s.app.close(ctx))
	}
	flush, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := s.telemetry.Shutdown(flush); err != nil {
		s.log.Warn("some spans are lost", "err", err)
	}
	if s.app != nil {
		s.log.Info("stopped")
	}
	return errors.Join(errs...)
}

// drain closes the listener, waits for the requests that are running, and ends those that do not
// end in time.
func drain(ctx context.Context, h *http.Server, limit time.Duration, log *slog.Logger) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := h.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		log.Warn("requests did not end in time and were cut off", "timeout", limit)
		return h.Close()
	}
	return err
}

// listenOn opens a listener, and says in words what is wrong where it cannot.
func listenOn(ctx context.Context, flag, address string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	setting := fmt.Sprintf("--%s (%s)", flag, variable(flag))
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s is taken by another program: stop it, or choose another address with %s; port 0 takes a free one", address, setting)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("this user may not listen on %s: choose a port above 1023 with %s", address, setting)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, fmt.Errorf("%s is no address of this machine: choose another with %s", address, setting)
	case err != nil:
		return nil, fmt.Errorf("listen on %s, as %s says: %w", address, setting, err)
	}
	return l, nil
}
