package feed

import (
	"net/url"
	"strconv"
	"syscall"
	"testing"
	"time"

	"backline/store/storetest"
)

// TestTakeover ends the reader in every way there is, while rows are written, and wants a standby in
// its place and no row lost. How long that takes is printed; with the timing of production it is to be
// below five seconds on a machine that does nothing else.
func TestTakeover(t *testing.T) {
	t.Parallel()
	slow := func(c *Config) { c.timing = slowTiming() }
	for name, test := range map[string]struct {
		process bool // the reader is a process of its own
		proxy   bool // the reader is behind a proxy
		end     func(s *shards, f *Feed, h *helper)
		back    func(s *shards, h *helper)
	}{
		"closed":  {end: func(_ *shards, f *Feed, _ *helper) { f.Close() }},
		"cut off": {proxy: true, end: func(s *shards, _ *Feed, _ *helper) { s.Cut(0) }, back: func(s *shards, _ *helper) { s.Restore(0) }},
		"frozen":  {proxy: true, end: func(s *shards, _ *Feed, _ *helper) { s.Freeze(0) }, back: func(s *shards, _ *helper) { s.Restore(0) }},
		"killed":  {process: true, end: func(_ *shards, _ *Feed, h *helper) { _ = h.process.Kill() }},
		"stopped": {
			process: true,
			end:     func(_ *shards, _ *Feed, h *helper) { _ = h.process.Signal(syscall.SIGSTOP) },
			back:    func(_ *shards, h *helper) { _ = h.process.Signal(syscall.SIGCONT) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var options []storetest.Option
			if test.proxy {
				options = append(options, storetest.WithFaults())
			}
			s := setup(t, 1, options...)
			direct := s.URLs[0]
			if test.proxy {
				direct = around(t, direct)
				t.Cleanup(func() { s.Restore(0) })
			}
			var f *Feed
			var h *helper
			var first *sink
			if test.process {
				h = startHelper(t, s.URLs[0])
				first = h.sink
			} else {
				f, first = start(t, s.list, slow)
			}
			first.state(t, "0 reading")
			g, second := start(t, []Shard{{Name: "0", URL: direct}}, slow)
			second.state(t, "0 standby")
			if status := g.Status()[0]; !status.Read || status.Confirmed == 0 {
				t.Errorf("the standby does not see the reader: %+v", status)
			}
			w := write(t, direct)
			w.reach(t, 50)

			began := time.Now()
			test.end(s, f, h)
			wait(t, "the standby has seen a new row", func() error {
				if len(second.texts()) == 0 {
					return errSink
				}
				return nil
			})
			took := time.Since(began)
			w.reach(t, 50)
			if test.back != nil {
				test.back(s, h)
				first.state(t, "0 standby")
			}
			last := w.end()
			times := waitForAll(t, last, first, second)
			t.Logf("taken over in %v; %d rows, seen %d times", took.Round(time.Millisecond), last, times)
			if got := second.flushed(); len(got) != 0 {
				t.Errorf("a takeover flushes nothing; there were %q", got)
			}
		})
	}
}

// around gives the way to the server past the proxy.
func around(t *testing.T, proxied string) string {
	t.Helper()
	u, err := url.Parse(proxied)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = u.Hostname() + ":" + strconv.Itoa(query[int](t, connect(t, proxied), "SELECT inet_server_port()"))
	return u.String()
}
