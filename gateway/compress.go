package gateway

import (
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// minCompressed is the least answer that is compressed: a smaller one fits into one packet anyway.
const minCompressed = 1400

// zippers are writers at the fastest level, which makes a tenth of most answers; better levels cost
// several times that for little.
//
//nolint:gochecknoglobals // a pool is for the whole process
var zippers = sync.Pool{New: func() any {
	z, err := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
	if err != nil { // the level is one of its own
		panic(err)
	}
	return z
}}

// zipped is the response of a client that reads gzip.
type zipped struct{ http.ResponseWriter }

// Unwrap implements what http.ResponseController looks for.
func (z zipped) Unwrap() http.ResponseWriter { return z.ResponseWriter }

// withCompression lets send compress answers for clients that read gzip.
func withCompression(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header["Accept-Encoding"]) {
			w = zipped{w}
		}
		next.ServeHTTP(w, r)
	})
}

// acceptsGzip reads Accept-Encoding (RFC 9110, section 12.5.3): gzip by name, or else by wildcard,
// with a weight above zero.
func acceptsGzip(lines []string) bool {
	if len(lines) == 1 && lines[0] == "gzip" {
		return true
	}
	named, any := -1.0, 0.0
	for _, line := range lines {
		for part := range strings.SplitSeq(line, ",") {
			coding, parameters, _ := strings.Cut(part, ";")
			weight := 1.0
			if q, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(parameters)), "q="); ok {
				var err error
				if weight, err = strconv.ParseFloat(q, 64); err != nil {
					weight = 0
				}
			}
			switch coding = strings.TrimSpace(coding); {
			case strings.EqualFold(coding, "gzip"), strings.EqualFold(coding, "x-gzip"):
				named = weight
			case coding == "*":
				any = weight
			}
		}
	}
	if named >= 0 {
		return named > 0
	}
	return any > 0
}

// zip writes a body compressed. It goes out as it is made, so its length is not known before.
func zip(w http.ResponseWriter, status int, body []byte) {
	w.Header()["Content-Encoding"] = []string{"gzip"}
	w.WriteHeader(status)
	z := zippers.Get().(*gzip.Writer)
	defer zippers.Put(z)
	z.Reset(w)
	if _, err := z.Write(body); err == nil {
		z.Close() //nolint:errcheck // the client is gone, and nobody else would hear of it
	}
	z.Reset(io.Discard)
}
