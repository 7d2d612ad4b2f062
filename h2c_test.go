package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// h2cClient speaks HTTP/2 without TLS from the first byte, as proxies do.
func h2cClient(t *testing.T) *http.Client {
	t.Helper()
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func ask(ctx context.Context, client *http.Client, url, query string) (*http.Response, string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/graphql", strings.NewReader(`{"query":"`+query+`"}`))
	if err != nil {
		return nil, "", err
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(r)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp, string(body), err
}

// HTTP/2 without TLS is an option; HTTP/1.1 is spoken either way, and a connection may not have more
// requests at a time than it is told.
func TestH2C(t *testing.T) {
	t.Parallel()
	on := start(t, settings(t, "--h2c"))
	resp, body, err := ask(t.Context(), h2cClient(t), on.url, "{ __typename }")
	if err != nil || resp.ProtoMajor != 2 || resp.StatusCode != 200 || body != `{"data":{"__typename":"Query"}}` {
		t.Errorf("got %v %s, %v", resp, body, err)
	}
	if status, body := on.query("{ __typename }"); status != 200 || !strings.Contains(body, "Query") {
		t.Errorf("HTTP/1.1: got %d %s", status, body)
	}
	big := `{ __type(name: \"` + strings.Repeat("x", 200_000) + `\") { name } }`
	if resp, body, err := ask(t.Context(), h2cClient(t), on.url, big); err != nil || resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("got %v %.200s, %v", resp, body, err)
	}
	settings := settingsOf(t, strings.TrimPrefix(on.url, "http://"))
	if settings[0x3] != 100 || settings[0x5] != 0 && settings[0x5] > 16<<10 || settings[0x6] == 0 || settings[0x6] > 70<<10 {
		t.Errorf("settings %v", settings) // streams, the size of a frame and of headers
	}
}

func TestNoH2CByDefault(t *testing.T) {
	t.Parallel()
	off := start(t, settings(t))
	conn := preface(t, strings.TrimPrefix(off.url, "http://"))
	begin := make([]byte, len("HTTP/1.1 "))
	if _, err := io.ReadFull(conn, begin); err != nil || string(begin) != "HTTP/1.1 " {
		t.Errorf("got %q, %v", begin, err)
	}
}

// preface opens a connection as clients of HTTP/2 do: with their preface, and settings without any.
func preface(t *testing.T, addr string) net.Conn {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00"); err != nil {
		t.Fatal(err)
	}
	return conn
}

// settingsOf reads the first frame that an HTTP/2 server sends: its settings (RFC 9113, section 6.5).
func settingsOf(t *testing.T, addr string) map[uint16]uint32 {
	t.Helper()
	conn := preface(t, addr)
	head := make([]byte, 9)
	if _, err := io.ReadFull(conn, head); err != nil {
		t.Fatal(err)
	}
	payload := make([]byte, int(head[0])<<16|int(head[1])<<8|int(head[2]))
	if _, err := io.ReadFull(conn, payload); err != nil || head[3] != 4 {
		t.Fatalf("the first frame is %d: %v", head[3], err)
	}
	settings := map[uint16]uint32{}
	for ; len(payload) >= 6; payload = payload[6:] {
		settings[uint16(payload[0])<<8|uint16(payload[1])] = uint32(payload[2])<<24 | uint32(payload[3])<<16 | uint32(payload[4])<<8 | uint32(payload[5])
	}
	return settings
}
