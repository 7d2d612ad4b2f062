package main

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"backline/gateway"
)

// CORS says which pages of other sites may use the endpoint from a browser.
type CORS struct {
	Origins     string        `name:"origins" placeholder:"URL,URL,..." help:"The sites whose pages may use the endpoint from a browser, such as https://app.example.com, or * for all of them. Default: none."`
	Headers     string        `name:"headers" placeholder:"NAME,NAME,..." help:"Request headers that these pages may set, beside those that GraphQL clients know."`
	Credentials bool          `name:"credentials" help:"Let browsers send cookies along. Not with *."`
	MaxAge      time.Duration `name:"max-age" default:"1h" placeholder:"DURATION" help:"How long a browser may remember what is allowed, up to 24h."`
}

func (c *CORS) validate() error {
	errs := []error{
		check(0 < c.MaxAge && c.MaxAge <= 24*time.Hour, "cors-max-age", c.MaxAge, "above 0, and at most 24h0m0s"),
		check(!c.Credentials || c.Origins != "", "cors-credentials", true, "left out without --cors-origins"),
	}
	origins := list(c.Origins)
	if slices.Contains(origins, "*") {
		errs = append(errs,
			check(len(origins) == 1, "cors-origins", c.Origins, "* alone, or sites"),
			check(!c.Credentials, "cors-credentials", true, "left out where --cors-origins is *: each site that may send cookies has to be named"))
	} else {
		for _, o := range origins {
			errs = append(errs, check(isOrigin(o), "cors-origins", c.Origins, "sites like https://app.example.com, without a path, separated by commas"))
		}
	}
	for _, name := range list(c.Headers) {
		errs = append(errs, check(isToken(name), "cors-headers", c.Headers, "names of headers, separated by commas"))
	}
	return errors.Join(errs...)
}

// isOrigin reports whether a browser would send the text as an Origin.
func isOrigin(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.Scheme+"://"+u.Host == text
}

// isToken reports whether the text is the name of a header (RFC 9110, section 5.6.2).
func isToken(text string) bool {
	const marks = "!#$%&'*+-.^_`|~"
	return strings.IndexFunc(text, func(r rune) bool {
		isAlphanumeric := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		return !isAlphanumeric && !strings.ContainsRune(marks, r)
	}) < 0
}

func (c *CORS) gateway() gateway.CORS {
	return gateway.CORS{Origins: list(c.Origins), Headers: list(c.Headers), Credentials: c.Credentials, MaxAge: c.MaxAge}
}
