package telemetry_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"backline/telemetry"
)

// The standard environment alone decides whether spans leave the process. These tests set it, so
// they do not run beside others.
func TestStandardEnvironment(t *testing.T) {
	received := make(chan string, 10)
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { received <- r.URL.Path }))
	defer collector.Close()
	for name, c := range map[string]struct {
		env    map[string]string
		traced bool
	}{
		"nothing":      {nil, false},
		"endpoint":     {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": collector.URL}, true},
		"for traces":   {map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": collector.URL + "/v1/traces"}, true},
		"none":         {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": collector.URL, "OTEL_TRACES_EXPORTER": "none"}, false},
		"disabled":     {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": collector.URL, "OTEL_SDK_DISABLED": "true"}, false},
		"sampled away": {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": collector.URL, "OTEL_TRACES_SAMPLER": "always_off"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			for key, value := range c.env {
				t.Setenv(key, value)
			}
			tel, _ := setup(t)
			ctx := tel.OperationStart(t.Context(), "query", "Q")
			tel.OperationEnd(ctx, "query", "Q", "ok", time.Millisecond)
			end, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if err := tel.Shutdown(end); err != nil {
				t.Fatal(err)
			}
			if (len(received) > 0) != c.traced {
				t.Errorf("%d exports", len(received))
			}
			for len(received) > 0 {
				if path := <-received; path != "/v1/traces" {
					t.Errorf("sent to %s", path)
				}
			}
		})
	}
	t.Run("unknown exporter", func(t *testing.T) {
		t.Setenv("OTEL_TRACES_EXPORTER", "pigeon")
		if _, err := telemetry.New(t.Context(), telemetry.Options{Out: t.Output()}); err == nil {
			t.Error("no error")
		}
	})
}
