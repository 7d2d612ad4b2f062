package persisted_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"backline/gateway/persisted"
)

// register is what a client does with a document that is not known.
func register(t *testing.T, d *persisted.Documents[string], text string) {
	t.Helper()
	f, err := d.Find(t.Context(), persisted.Request{Text: text, ID: hash(text)})
	if err != nil {
		t.Fatal(err)
	}
	d.Keep(t.Context(), f)
}

// ask asks for a text by its hash.
func ask(t *testing.T, d *persisted.Documents[string], text string) (code_ string) {
	t.Helper()
	f, err := d.Find(t.Context(), persisted.Request{ID: hash(text)})
	if err == nil && f.Text != text {
		t.Fatalf("got %q", f.Text)
	}
	return code(t, err)
}

func TestAutomatic(t *testing.T) {
	t.Parallel()
	d := open(t, persisted.Config{Automatic: true})
	if got := ask(t, d, "{ a }"); got != persisted.CodeNotFound {
		t.Errorf("unknown: %q", got)
	}
	if _, err := d.Find(t.Context(), persisted.Request{Text: "{ a }", ID: hash("{ a }")}); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, d, "{ a }"); got != persisted.CodeNotFound {
		t.Errorf("sent, but not kept: %q", got)
	}
	register(t, d, "{ a }")
	if got := ask(t, d, "{ a }"); got != "" {
		t.Errorf("kept: %q", got)
	}
	f, err := d.Find(t.Context(), persisted.Request{Text: "{ b }"})
	if err != nil {
		t.Fatal(err)
	}
	d.Keep(t.Context(), f)
	if got := ask(t, d, "{ b }"); got != persisted.CodeNotFound {
		t.Errorf("a text that came without its hash was kept: %q", got)
	}
}

// However much clients send, memory is bounded, by the number of documents and by their bytes.
func TestAutomaticIsBounded(t *testing.T) {
	t.Parallel()
	for _, length := range []int{10, 1000} {
		d := open(t, persisted.Config{Automatic: true, Kept: 20, KeptBytes: 10_000})
		var texts []string
		for i := range 200 {
			texts = append(texts, fmt.Sprintf("{ a%d }%s", i, strings.Repeat(" ", length)))
			register(t, d, texts[i])
		}
		kept := 0
		for _, text := range texts {
			if ask(t, d, text) == "" {
				kept++
			}
		}
		if most := min(20, 10_000/length); kept > most || kept == 0 {
			t.Errorf("%d texts of %d bytes are kept, at most %d may be", kept, length, most)
		}
	}
}

func TestRedis(t *testing.T) {
	t.Parallel()
	client, _ := startRedis(t)
	var log logged
	c := persisted.Config{Automatic: true, Redis: client, Wait: patience, Kept: 10, TTL: time.Hour, DocumentBytes: 100, Log: log.logger()}
	first, second := open(t, c), open(t, c)
	key := func(text string) string { return "{backline:documents}:" + hash(text) }

	register(t, first, "{ a }")
	if got := ask(t, second, "{ a }"); got != "" {
		t.Errorf("the other instance: %q", got)
	}
	if ttl := client.PTTL(t.Context(), key("{ a }")).Val(); ttl <= 0 || ttl > time.Hour {
		t.Errorf("it lives for %v", ttl)
	}

	for name, set := range map[string]func(key string) error{
		"another text": func(key string) error { return client.Set(t.Context(), key, "{ poison }", 0).Err() },
		"a long text":  func(key string) error { return client.Set(t.Context(), key, strings.Repeat("x", 101), 0).Err() },
		"no text":      func(key string) error { return client.LPush(t.Context(), key, "{ list }").Err() },
	} {
		if err := set(key("{ b }")); err != nil {
			t.Fatal(err)
		}
		if got := ask(t, first, "{ b }"); got != persisted.CodeNotFound {
			t.Errorf("%s: %q", name, got)
		}
		if n := client.Exists(t.Context(), key("{ b }")).Val(); n != 0 {
			t.Errorf("%s is still there", name)
		}
	}
	if !strings.Contains(log.String(), "not the one of its hash") {
		t.Errorf("logged %s", log.String())
	}

	for i := range 50 {
		register(t, first, fmt.Sprintf("{ c%d }", i))
	}
	if keys := client.Keys(t.Context(), "*").Val(); len(keys) != 10+1 {
		t.Errorf("Redis has %d keys: %q", len(keys), keys)
	}
	if got := ask(t, second, "{ c49 }"); got != "" {
		t.Errorf("the last one: %q", got)
	}
}

// A Redis that died leaves what the instance itself was told.
func TestRedisDies(t *testing.T) {
	t.Parallel()
	client, stop := startRedis(t)
	var log logged
	var at clock
	d := open(t, persisted.Config{Automatic: true, Redis: client, Wait: patience, Log: log.logger(), Now: at.now})
	register(t, d, "{ a }")
	stop()
	register(t, d, "{ b }")
	for _, text := range []string{"{ a }", "{ b }"} {
		if got := ask(t, d, text); got != "" {
			t.Errorf("%s: %q", text, got)
		}
	}
	if got := ask(t, d, "{ c }"); got != persisted.CodeNotFound {
		t.Errorf("unknown: %q", got)
	}
	if n := strings.Count(log.String(), "known to single instances"); n != 1 {
		t.Errorf("it was asked %d times within a second: %s", n, log.String())
	}
	at.advance(2 * time.Second)
	ask(t, d, "{ c }")
	if n := strings.Count(log.String(), "known to single instances"); n != 2 {
		t.Errorf("it was not asked again: %s", log.String())
	}
}

// A Redis that takes requests and answers none costs one request a tenth of a second, and others nothing.
func TestRedisIsSilent(t *testing.T) {
	t.Parallel()
	var held sync.WaitGroup
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	held.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			held.Go(func() { <-ctx.Done(); conn.Close() })
		}
	})
	t.Cleanup(func() { cancel(); l.Close(); held.Wait() })
	client := redis.NewClient(&redis.Options{Addr: l.Addr().String(), ContextTimeoutEnabled: true})
	t.Cleanup(func() { client.Close() })
	var log logged
	var at clock
	d := open(t, persisted.Config{Automatic: true, Redis: client, Log: log.logger(), Now: at.now})
	for range 100 {
		if got := ask(t, d, "{ a }"); got != persisted.CodeNotFound {
			t.Fatalf("got %q", got)
		}
	}
	if n := strings.Count(log.String(), "known to single instances"); n != 1 {
		t.Errorf("%d of 100 requests waited for it: %s", n, log.String())
	}
}
