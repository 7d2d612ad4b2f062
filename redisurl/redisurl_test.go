package redisurl_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"backline/redisurl"
	"backline/store/embedded"
)

func TestRedisIsAsked(t *testing.T) {
	t.Parallel()
	servers, err := embedded.Start(t.Context(), embedded.Options{Redis: true, Ephemeral: true})
	if err != nil {
		t.Fatal(err)
	}
	client := redisClient(t, servers.RedisURL())
	if err := redisurl.Ping(t.Context(), client); err != nil {
		t.Error(err)
	}
	if err := servers.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	for _, client := range []redis.UniversalClient{
		client, redisClient(t, "redis://u:s3cret@127.0.0.1:1"),
		redisClient(t, "redis://u:s3cret@127.0.0.1:1,127.0.0.1:2"), redisClient(t, "redis://u:s3cret@127.0.0.1:1?master_name=m"),
	} {
		if err := redisurl.Ping(t.Context(), client); err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("got %v", err)
		}
	}
}

func redisClient(t *testing.T, url string) redis.UniversalClient {
	t.Helper()
	client, err := redisurl.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

func TestRedisURLs(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"redis://localhost":                              "Client",
		"redis://u:p@localhost:6379/3?protocol=2":        "Client",
		"rediss://[::1]:6379":                            "Client",
		"unix:///run/redis.sock?db=1":                    "Client",
		"redis://u:p@a:6379,b:6379,c:6379":               "ClusterClient",
		"redis://a:6379?addr=b:6379":                     "ClusterClient",
		"redis://u:p@a:26379,b:26379/2?master_name=main": "Client", // that finds its address by itself
		"redis://u:s3cret@a:b":                           "",
		"redis://u:s3cret@a:1,b:2/3":                     "", // a Cluster has one database
		"redis://a:1,":                                   "",
		"redis://a/x":                                    "",
		"redis://a?unknown=1":                            "",
		"redis://":                                       "",
		"http://a":                                       "",
		"a:6379":                                         "",
	} {
		client, err := redisurl.Open(url)
		switch {
		case err != nil:
			if want != "" || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%s: %v", url, err)
			}
		case fmt.Sprintf("%T", client) != "*redis."+want:
			t.Errorf("%s: got %T", url, client)
		}
		if err == nil {
			client.Close()
		}
	}
}
