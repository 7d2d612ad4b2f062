package gateway_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"backline/gateway"
)

// gatheredServer answers with n bytes of a known length, or with unknown if it is asked for them.
func gatheredServer(t *testing.T) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(r.FormValue("n"))
		if err != nil {
			t.Error(err)
		}
		if r.FormValue("unknown") == "" {
			w.Header().Set("Content-Length", strconv.Itoa(n))
		}
		body := bytes.Repeat([]byte("x"), n)
		if r.FormValue("abort") != "" {
			w.Write(body[:n/2]) //nolint:errcheck // the client sees what arrives
			panic(http.ErrAbortHandler)
		}
		for piece := range bytes.Lines(bytes.ReplaceAll(body, []byte("xxxxxxxx"), []byte("xxxxxxx\n"))) {
			if r.FormValue("pieces") == "" {
				piece, body = body, nil
			}
			w.Write(piece) //nolint:errcheck // as above
			if body == nil {
				return
			}
		}
	}))
	s.Listener = gateway.Gather(s.Listener)
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// TestGather: whatever the size of an answer and the way in which it is written, it arrives as it is.
func TestGather(t *testing.T) {
	t.Parallel()
	s := gatheredServer(t)
	for _, n := range []int{0, 1, 2000, 3800, 3900, 3950, 3980, 4000, 4096, 5000, 8192, 100_000} {
		for _, how := range []string{"", "&unknown=1", "&pieces=1"} {
			for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodGet} {
				r, err := http.NewRequestWithContext(t.Context(), method, fmt.Sprintf("%s/?n=%d%s", s.URL, n, how), nil)
				if err != nil {
					t.Fatal(err)
				}
				resp, err := s.Client().Do(r)
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				want := n
				if method == http.MethodHead {
					want = 0
				}
				if err != nil || len(body) != want {
					t.Errorf("%s of %d bytes%s: %d bytes, %v", method, n, how, len(body), err)
				}
			}
		}
	}
	for n := 3600; n < 4200; n++ { // around the size of net/http's buffer
		resp, err := s.Client().Get(fmt.Sprintf("%s/?n=%d", s.URL, n)) //nolint:noctx // the server is ours
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(resp.Body); err != nil || len(body) != n {
			t.Fatalf("%d bytes: %d, %v", n, len(body), err)
		}
		resp.Body.Close()
	}
	resp, err := s.Client().Get(s.URL + "/?n=20000&abort=1") //nolint:noctx // as above
	if err == nil {
		_, err = io.ReadAll(resp.Body)
		resp.Body.Close()
	}
	if err == nil {
		t.Error("an answer that was cut off looks whole")
	}
}

// TestGatherEndsOneHalf: net/http tells a client that still sends that nobody reads any more, so that it
// hears the answer to the end.
func TestGatherEndsOneHalf(t *testing.T) {
	t.Parallel()
	inner, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := gateway.Gather(inner)
	defer l.Close()
	client, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	half, ok := server.(interface{ CloseWrite() error })
	if !ok {
		t.Fatal("net/http cannot end one half")
	}
	if err := half.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(client); err != nil || len(rest) > 0 {
		t.Errorf("the client reads %q, %v", rest, err)
	}
	if _, err := client.Write([]byte("more")); err != nil {
		t.Error(err)
	}
	if _, err := io.ReadFull(server, make([]byte, 4)); err != nil {
		t.Errorf("the other half has ended, too: %v", err)
	}
}
