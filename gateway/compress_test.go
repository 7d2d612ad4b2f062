package gateway_test

import (
	"compress/gzip"
	"io"
	"strconv"
	"strings"
	"testing"

	"backline/gateway"
)

func TestCompression(t *testing.T) {
	t.Parallel()
	on, off := setup(t, func(c *gateway.Config) { c.Compress = true }), setup(t, nil)
	const long, short = "{ items(count: 1000) { index } }", "{ hello }"
	plain := off.post(long)
	for _, c := range []struct {
		b             *bundle
		query, accept string
		zipped        bool
	}{
		{on, long, "gzip", true},
		{on, long, "br, gzip;q=0.5", true},
		{on, long, "*", true},
		{on, long, "deflate, X-GZIP", true},
		{on, long, "gzip;q=0, *", false},
		{on, long, "gzip;q=nonsense", false},
		{on, long, "br", false},
		{on, long, "identity", false},
		{on, short, "gzip", false},
		{off, long, "gzip", false},
	} {
		got := c.b.post(c.query, "Accept-Encoding: "+c.accept)
		if zipped := got.header.Get("Content-Encoding") == "gzip"; zipped != c.zipped {
			t.Errorf("%s: %v", c.accept, got.header)
			continue
		}
		if got.header.Get("Vary") != "Accept-Encoding" && c.b == on {
			t.Errorf("%s: %v", c.accept, got.header)
		}
		if !c.zipped {
			if got.header.Get("Content-Length") != strconv.Itoa(len(got.body)) {
				t.Errorf("%s: %v", c.accept, got.header)
			}
			continue
		}
		z, err := gzip.NewReader(strings.NewReader(got.body))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(z)
		if err != nil || string(body) != plain.body || len(got.body) > len(plain.body)/2 {
			t.Errorf("%s: %v, %d bytes of %d", c.accept, err, len(got.body), len(plain.body))
		}
	}
}
