package playground

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// mediaTypes are fixed here, because mime.TypeByExtension also reads the
// machine's own tables.
//
//nolint:gochecknoglobals // a constant, as far as Go has them
var mediaTypes = map[string]string{
	".css":   "text/css; charset=utf-8",
	".html":  "text/html; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".json":  "application/json",
	".svg":   "image/svg+xml",
	".ttf":   "font/ttf",
	".txt":   "text/plain; charset=utf-8",
	".woff2": "font/woff2",
}

// file is one thing to serve, held in memory as it is embedded.
type file struct {
	mediaType string
	cache     string
	content   []byte
	etag      string // of the content unpacked
	zipped    bool   // content is gzip
}

func newFile(name string, content []byte, zipped bool) (*file, error) {
	mediaType, ok := mediaTypes[path.Ext(name)]
	if !ok {
		return nil, fmt.Errorf("read %s: no media type is known for it", name)
	}
	sum := sha256.Sum256(content)
	f := &file{
		mediaType: mediaType,
		cache:     "no-cache",
		content:   content,
		etag:      hex.EncodeToString(sum[:12]),
		zipped:    zipped,
	}
	if strings.HasPrefix(name, "assets/") {
		// The build names assets after their content.
		f.cache = "public, max-age=31536000, immutable"
	}
	return f, nil
}

// serve answers GET and HEAD. Nearly every client takes gzip, so what is
// embedded is sent as it is, and unpacked only for the others.
func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", f.mediaType)
	header.Set("Cache-Control", f.cache)
	header.Set("Content-Security-Policy", contentSecurityPolicy)
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")

	content, etag := f.content, `"`+f.etag+`"`
	if f.zipped {
		header.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Values("Accept-Encoding")) {
			header.Set("Content-Encoding", "gzip")
			etag = `"` + f.etag + `-gzip"`
		} else {
			unpacked, err := unpack(content)
			if err != nil {
				http.Error(w, "internal server error", http.StatusInternalServerError)
				return
			}
			content = unpacked
		}
	}
	header.Set("ETag", etag)
	if hasTag(r.Header.Values("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	header.Set("Content-Length", strconv.Itoa(len(content)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(content) // a client that left is no concern of ours
	}
}

// hasTag reports whether If-None-Match names the tag (RFC 9110, section
// 13.1.2, weak comparison).
func hasTag(values []string, etag string) bool {
	for tag := range strings.SplitSeq(strings.Join(values, ","), ",") {
		tag = strings.TrimSpace(tag)
		if tag == "*" || strings.TrimPrefix(tag, "W/") == etag {
			return true
		}
	}
	return false
}

func unpack(zipped []byte) ([]byte, error) {
	reader, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	content, err := io.ReadAll(reader)
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	return content, nil
}

// acceptsGzip reads Accept-Encoding (RFC 9110, section 12.5.3): gzip by name
// decides, else the star does.
func acceptsGzip(values []string) bool {
	star := false
	for part := range strings.SplitSeq(strings.Join(values, ","), ",") {
		coding, parameter, _ := strings.Cut(part, ";")
		weight := 1.0
		if q, ok := strings.CutPrefix(strings.TrimSpace(parameter), "q="); ok {
			if parsed, err := strconv.ParseFloat(q, 64); err == nil {
				weight = parsed
			}
		}
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip", "x-gzip":
			return weight > 0
		case "*":
			star = weight > 0
		}
	}
	return star
}
