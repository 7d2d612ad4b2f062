package gateway

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// The two media types of an answer, as header values. With the first the HTTP status is 200 for
// every well-formed request, because old clients and proxies do not look further; with the second
// it tells a request error from a result.
//
// See https://graphql.github.io/graphql-over-http/draft/#sec-Media-Types.
//
//nolint:gochecknoglobals // constants, as far as Go has them
var (
	mediaJSON    = []string{"application/json; charset=utf-8"}
	mediaGraphQL = []string{"application/graphql-response+json; charset=utf-8"}
)

// negotiate chooses the media type of the answer, and nil where the client accepts neither. A
// wildcard, or no header at all, means application/json.
func negotiate(accept []string) (media []string) {
	if len(accept) == 0 {
		return mediaJSON
	}
	if len(accept) == 1 {
		switch accept[0] { // what most clients send, word for word
		case "", "*/*", "application/json":
			return mediaJSON
		case "application/graphql-response+json":
			return mediaGraphQL
		}
	}
	var json, graphQL preference
	order := 0
	for _, line := range accept {
		for part := range strings.SplitSeq(line, ",") {
			order++
			name, params, err := mime.ParseMediaType(strings.TrimSpace(part))
			if err != nil {
				continue
			}
			q := quality(params)
			switch name {
			case "application/json":
				json.offer(2, q, order)
			case "application/graphql-response+json":
				graphQL.offer(2, q, order)
			case "application/*":
				json.offer(1, q, order)
				graphQL.offer(1, q, order+1)
			case "*/*":
				json.offer(0, q, order)
				graphQL.offer(0, q, order+1)
			}
		}
	}
	switch {
	case json.quality == 0 && graphQL.quality == 0:
		return nil
	case graphQL.betterThan(json):
		return mediaGraphQL
	default:
		return mediaJSON
	}
}

// preference is what an Accept header says about one media type; the most specific range counts.
type preference struct {
	seen        bool
	specificity int
	quality     float64
	order       int
}

func (p *preference) offer(specificity int, quality float64, order int) {
	if !p.seen || specificity > p.specificity {
		*p = preference{true, specificity, quality, order}
	}
}

// betterThan prefers the higher quality, then the type that was named rather than matched by a
// wildcard, then the one that came first.
func (p preference) betterThan(q preference) bool {
	switch {
	case p.quality != q.quality:
		return p.quality > q.quality
	case p.specificity != q.specificity:
		return p.specificity > q.specificity
	default:
		return p.order < q.order
	}
}

func quality(params map[string]string) float64 {
	s, ok := params["q"]
	if !ok {
		return 1
	}
	q, err := strconv.ParseFloat(s, 64)
	if err != nil || !(q >= 0 && q <= 1) { // what is no number is neither
		return 0
	}
	return q
}

// isJSON reports whether a request body says that it is JSON in UTF-8, the only thing that is read.
func isJSON(h http.Header) bool {
	lines := h["Content-Type"]
	if len(lines) != 1 {
		return false
	}
	if lines[0] == "application/json" {
		return true
	}
	name, params, err := mime.ParseMediaType(lines[0])
	if err != nil || name != "application/json" {
		return false
	}
	charset, ok := params["charset"]
	return !ok || strings.EqualFold(charset, "utf-8")
}
