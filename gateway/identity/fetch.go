package identity

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// maxKeySet bounds a JWK set, in bytes: a hundred keys of the largest size with their certificates.
const maxKeySet = 512 << 10

// newClient fetches key sets.
func newClient() *http.Client {
	return &http.Client{
		Timeout:       keysTimeout,
		CheckRedirect: sameHost,
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			ForceAttemptHTTP2:      true,
			DisableKeepAlives:      true, // one fetch in minutes
			TLSHandshakeTimeout:    3 * time.Second,
			MaxResponseHeaderBytes: 32 << 10,
		},
	}
}

// sameHost follows redirects within a host, without a step back to http. Whoever can make one host
// redirect should not choose the keys of another.
func sameHost(r *http.Request, via []*http.Request) error {
	first := via[0].URL
	if r.URL.Host != first.Host || r.URL.Scheme != first.Scheme {
		return errors.New("it redirects to another host")
	}
	if len(via) > 2 {
		return errors.New("it redirects too often")
	}
	return nil
}

// fetch reads a JWK set over HTTP.
func fetch(ctx context.Context, client *http.Client, url string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", "application/jwk-set+json, application/json")
	resp, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }() // it was only read
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("get %s: status %d", url, resp.StatusCode)
	}
	content, err := readBounded(resp.Body, maxKeySet)
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", url, err)
	}
	return content, nil
}
