package gateway_test

import (
	"compress/gzip"
	"io"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/andybalholm/brotli"

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
		coding        string
	}{
		{on, long, "gzip", "gzip"},
		{on, long, "br", "br"},
		{on, long, "gzip, deflate, br, zstd", "br"},
		{on, long, "gzip, br", "br"},
		{on, long, "BR;Q=0.5, gzip;q=0.5", "br"},
		{on, long, "br, gzip;q=0.5", "br"},
		{on, long, "br;q=0.2, gzip;q=0.5", "gzip"},
		{on, long, "br;q=0, gzip;q=0.001", "gzip"},
		{on, long, "br;q=0, *", "gzip"},
		{on, long, "*", "br"},
		{on, long, "*;q=0", ""},
		{on, long, "deflate, X-GZIP", "gzip"},
		{on, long, "gzip;q=0, *", "br"},
		{on, long, "gzip;q=nonsense", ""},
		{on, long, "gzip;q=NaN", ""},
		{on, long, "gzip;q=2", ""},
		{on, long, "gzip;q=-1, br;q=Inf", ""},
		{on, long, "identity", ""},
		{on, long, "identity, gzip;q=0.5", ""},
		{on, long, "identity;q=0.5, gzip", "gzip"},
		{on, long, "identity, gzip", "gzip"},
		{on, long, "deflate, zstd", ""},
		{on, long, "", ""},
		{on, short, "br", ""},
		{off, long, "gzip, br", ""},
	} {
		got := c.b.post(c.query, "Accept-Encoding: "+c.accept)
		if coding := got.header.Get("Content-Encoding"); coding != c.coding {
			t.Errorf("%s: %v", c.accept, got.header)
			continue
		}
		if got.header.Get("Vary") != "Accept-Encoding" && c.b == on {
			t.Errorf("%s: %v", c.accept, got.header)
		}
		if got.header.Get("Content-Length") != strconv.Itoa(len(got.body)) {
			t.Errorf("%s: %v", c.accept, got.header)
		}
		if c.coding == "" {
			continue
		}
		if body, err := unpack(c.coding, got.body); err != nil || body != plain.body || len(got.body) > len(plain.body)/2 {
			t.Errorf("%s: %v, %d bytes of %d", c.accept, err, len(got.body), len(plain.body))
		}
	}
}

func unpack(coding, body string) (string, error) {
	r := io.Reader(strings.NewReader(body))
	switch coding {
	case "br":
		r = brotli.NewReader(r)
	case "gzip":
		z, err := gzip.NewReader(r)
		if err != nil {
			return "", err
		}
		r = z
	}
	plain, err := io.ReadAll(r)
	return string(plain), err
}

// Compressors are used again: answers of different sizes, side by side, are each what they should be.
func TestCompressorsAreUsedAgain(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *gateway.Config) { c.Compress = true })
	var group sync.WaitGroup
	for worker := range 4 {
		group.Go(func() {
			for i := range 6 {
				query := "{ items(count: " + strconv.Itoa(200+worker*1500+i*i) + ") { index } }"
				plain := b.post(query).body
				for _, coding := range []string{"br", "gzip"} {
					got := b.post(query, "Accept-Encoding: "+coding)
					if body, err := unpack(got.header.Get("Content-Encoding"), got.body); err != nil || body != plain || got.header.Get("Content-Encoding") != coding {
						t.Errorf("%s of %d bytes: %v", coding, len(plain), err)
					}
				}
			}
		})
	}
	group.Wait()
}
