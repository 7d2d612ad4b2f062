package playground

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// ask sends one request; headers come in pairs.
func ask(t *testing.T, h http.Handler, method, target string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, "http://localhost/", nil)
	r.URL.Path = target // as it is: the server must not count on a cleaned path
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, response *http.Response) []byte {
	t.Helper()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// assets are the paths of the built assets as a browser asks for them, without those for signing in.
func assets(t *testing.T) []string {
	t.Helper()
	names, err := fs.Glob(dist, "dist/assets/*")
	if err != nil || len(names) == 0 {
		t.Fatalf("the build holds no assets: %v", err)
	}
	var paths []string
	for _, name := range names {
		if path := strings.TrimSuffix(strings.TrimPrefix(name, "dist"), ".gz"); !strings.HasPrefix(path, "/"+signInAssets) {
			paths = append(paths, path)
		}
	}
	return paths
}

func script(t *testing.T) string {
	t.Helper()
	for _, name := range assets(t) {
		if strings.HasSuffix(name, ".js") {
			return name
		}
	}
	t.Fatal("the build holds no script")
	return ""
}

func TestPageIsFilled(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		options Options
		want    []string
	}{
		"defaults": {Options{}, []string{
			`<title>Backline</title>`, `name="backline:endpoint" content="/graphql"`, `name="backline:subscriptions" content=""`,
		}},
		"given": {Options{Endpoint: "/api/graphql", SubscriptionEndpoint: "/live", Title: `Rock & <Roll>`}, []string{
			`<title>Rock &amp; &lt;Roll&gt;</title>`, `content="/api/graphql"`, `content="/live"`,
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			response := ask(t, Handler(test.options), "GET", "/")
			if response.StatusCode != 200 || response.Header.Get("Content-Type") != "text/html; charset=utf-8" {
				t.Fatalf("got %d %s", response.StatusCode, response.Header.Get("Content-Type"))
			}
			page := string(body(t, response))
			for _, want := range test.want {
				if !strings.Contains(page, want) {
					t.Errorf("the page lacks %s:\n%s", want, page)
				}
			}
		})
	}
}

// Where nobody can sign in, the control is not there at all.
func TestSignInIsServedOnlyWhereThereIsOne(t *testing.T) {
	t.Parallel()
	names, err := fs.Glob(dist, "dist/"+signInAssets+"*")
	if err != nil || len(names) != 2 {
		t.Fatalf("a script and a style are built: %v %v", names, err)
	}
	with, without := Handler(Options{SignInEndpoint: "/dev"}), Handler(Options{})
	for _, name := range names {
		target := strings.TrimSuffix(strings.TrimPrefix(name, "dist"), ".gz")
		if a, b := ask(t, with, "GET", target).StatusCode, ask(t, without, "GET", target).StatusCode; a != 200 || b != 404 {
			t.Errorf("%s: %d with, %d without", target, a, b)
		}
	}
	if page := body(t, ask(t, with, "GET", "/")); !bytes.Contains(page, []byte(`name="backline:sign-in" content="/dev"`)) {
		t.Errorf("%s", page)
	}
	if page := body(t, ask(t, without, "GET", "/")); !bytes.Contains(page, []byte(`name="backline:sign-in" content=""`)) {
		t.Errorf("%s", page)
	}
}

func TestPageAsksNoOtherHost(t *testing.T) {
	t.Parallel()
	h := Handler(Options{})
	page := body(t, ask(t, h, "GET", "/"))
	if regexp.MustCompile(`(?i)<script>|<style|\son\w+=|javascript:`).Match(page) {
		t.Errorf("the page holds inline code:\n%s", page)
	}
	references := regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllSubmatch(page, -1)
	if len(references) < 3 {
		t.Fatalf("found only %d references:\n%s", len(references), page)
	}
	for _, reference := range references {
		target := string(reference[1])
		if !strings.HasPrefix(target, "./assets/") {
			t.Errorf("the page refers to %s, which is no asset", target)
			continue
		}
		if response := ask(t, h, "GET", target[1:]); response.StatusCode != 200 {
			t.Errorf("%s: got %d", target, response.StatusCode)
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	h := Handler(Options{})
	for _, target := range append(assets(t), "/", "/examples.json", "/LICENSES.txt") {
		header := ask(t, h, "GET", target).Header
		want := map[string]string{
			"Content-Type":            mediaTypes[path.Ext(target)],
			"Content-Security-Policy": contentSecurityPolicy,
			"X-Content-Type-Options":  "nosniff",
			"Referrer-Policy":         "no-referrer",
			"Cache-Control":           "no-cache",
		}
		if target == "/" {
			want["Content-Type"] = "text/html; charset=utf-8"
		}
		if strings.HasPrefix(target, "/assets/") {
			want["Cache-Control"] = "public, max-age=31536000, immutable"
		}
		for name, value := range want {
			if got := header.Get(name); got != value {
				t.Errorf("%s: %s is %q, want %q", target, name, got, value)
			}
		}
	}
}

func TestPolicyIsTight(t *testing.T) {
	t.Parallel()
	for directive := range strings.SplitSeq(contentSecurityPolicy, "; ") {
		name, sources, _ := strings.Cut(directive, " ")
		for source := range strings.FieldsSeq(sources) {
			allowed := source == "'none'" || source == "'self'" ||
				(name == "style-src" && source == "'unsafe-inline'") || (name == "img-src" && source == "data:")
			if !allowed {
				t.Errorf("%s lets %s in", name, source)
			}
		}
	}
	if !strings.HasPrefix(contentSecurityPolicy, "default-src 'none'; ") {
		t.Error("what is not named must be forbidden")
	}
}

func TestEncoding(t *testing.T) {
	t.Parallel()
	h := Handler(Options{})
	target := script(t)
	tests := map[string]struct {
		accept string
		zipped bool
	}{
		"browser":           {"gzip, deflate, br, zstd", true},
		"star":              {"*", true},
		"weight":            {"br;q=1.0, gzip; q=0.5", true},
		"upper case":        {"GZIP", true},
		"nothing":           {"", false},
		"identity":          {"identity", false},
		"refused":           {"gzip;q=0", false},
		"refused with star": {"gzip;q=0, *", false},
		"others":            {"br, deflate", false},
	}
	plain := body(t, ask(t, h, "GET", target))
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			response := ask(t, h, "GET", target, "Accept-Encoding", test.accept)
			content := body(t, response)
			if got := response.Header.Get("Content-Length"); got != strconv.Itoa(len(content)) {
				t.Errorf("Content-Length is %s for %d bytes", got, len(content))
			}
			if got := response.Header.Get("Vary"); got != "Accept-Encoding" {
				t.Errorf("Vary is %q", got)
			}
			if zipped := response.Header.Get("Content-Encoding") == "gzip"; zipped != test.zipped {
				t.Fatalf("gzip is %v, want %v", zipped, test.zipped)
			}
			if test.zipped {
				reader, err := gzip.NewReader(bytes.NewReader(content))
				if err != nil {
					t.Fatal(err)
				}
				if content, err = io.ReadAll(reader); err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(content, plain) {
				t.Error("the content differs")
			}
		})
	}
}

func TestNotModified(t *testing.T) {
	t.Parallel()
	h := Handler(Options{})
	for _, target := range []string{"/", "/examples.json", script(t)} {
		tags := map[string]bool{}
		for _, coding := range []string{"gzip", "identity"} {
			etag := ask(t, h, "GET", target, "Accept-Encoding", coding).Header.Get("ETag")
			tags[etag] = true
			for _, held := range []string{etag, "W/" + etag, `"other", ` + etag, "*"} {
				response := ask(t, h, "GET", target, "Accept-Encoding", coding, "If-None-Match", held)
				if response.StatusCode != 304 || len(body(t, response)) != 0 || response.Header.Get("ETag") != etag {
					t.Errorf("%s with %s: got %d", target, held, response.StatusCode)
				}
			}
			if response := ask(t, h, "GET", target, "If-None-Match", `"other"`); response.StatusCode != 200 {
				t.Errorf("%s with another tag: got %d", target, response.StatusCode)
			}
		}
		if target == script(t) && len(tags) != 2 {
			t.Errorf("%s: both encodings have the tag %v", target, tags)
		}
	}
	other := ask(t, Handler(Options{Title: "Other"}), "GET", "/").Header.Get("ETag")
	if other == ask(t, h, "GET", "/").Header.Get("ETag") {
		t.Error("pages with different options have one tag")
	}
}

func TestHeadEqualsGetWithoutBody(t *testing.T) {
	t.Parallel()
	h := Handler(Options{})
	for _, target := range []string{"/", "/LICENSES.txt", script(t)} {
		get, head := ask(t, h, "GET", target), ask(t, h, "HEAD", target)
		if head.StatusCode != 200 || len(body(t, head)) != 0 {
			t.Errorf("%s: HEAD got %d with a body of %d bytes", target, head.StatusCode, head.ContentLength)
		}
		for name := range get.Header {
			if head.Header.Get(name) != get.Header.Get(name) {
				t.Errorf("%s: HEAD says %s: %q, GET says %q", target, name, head.Header.Get(name), get.Header.Get(name))
			}
		}
	}
}

func TestNotFound(t *testing.T) {
	t.Parallel()
	h := Handler(Options{})
	for _, target := range []string{
		"/index.html", "/index", "/dist/index.html", "/dist/", "/assets", "/assets/", "//", "/favicon.ico",
		"/examples/01-catalogue.graphql", "/playground.go", "/package.json", script(t) + ".gz", script(t) + "/",
		"/../playground.go", "/assets/../../playground.go", "/assets/../LICENSES.txt", "/./LICENSES.txt",
		`/assets\..\LICENSES.txt`, "/assets/%2e%2e/LICENSES.txt", "/\x00", "/graphql",
	} {
		if response := ask(t, h, "GET", target); response.StatusCode != 404 {
			t.Errorf("%q: got %d", target, response.StatusCode)
		}
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS", "PATCH"} {
		response := ask(t, Handler(Options{}), method, "/")
		if response.StatusCode != 405 || response.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: got %d, Allow %q", method, response.StatusCode, response.Header.Get("Allow"))
		}
	}
}

func TestLicencesNameWhatIsBundled(t *testing.T) {
	t.Parallel()
	text := string(body(t, ask(t, Handler(Options{}), "GET", "/LICENSES.txt")))
	for _, name := range []string{
		"graphiql", "@graphiql/plugin-explorer", "monaco-editor", "monaco-graphql", "graphql", "react-dom",
		"@fontsource-variable/roboto", "@fontsource-variable/fira-code",
	} {
		if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + ` \d+\.\d+\.\d+ \(`).MatchString(text) {
			t.Errorf("%s has no licence", name)
		}
	}
}

func TestExamplesAreServed(t *testing.T) {
	t.Parallel()
	var examples []struct{ Title, About, Query string }
	if err := json.Unmarshal(body(t, ask(t, Handler(Options{}), "GET", "/examples.json")), &examples); err != nil {
		t.Fatal(err)
	}
	if len(examples) < 6 {
		t.Fatalf("got %d examples", len(examples))
	}
	for _, e := range examples {
		if e.Title == "" || e.About == "" || strings.HasPrefix(e.Query, "#") {
			t.Errorf("badly read: %+v", e)
		}
	}
}

func TestExampleMistakes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ query, variables, want string }{
		"no comments": {"{ a }\n\n", "", "two comment lines"},
		"one comment": {"# Title\n{ a }\n", "", "two comment lines"},
		"no query":    {"# Title\n# About", "", "two comment lines"},
		"variables":   {"# Title\n# About\n{ a }\n", "{", "not JSON"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := fstest.MapFS{"examples/a.graphql": {Data: []byte(test.query)}}
			if test.variables != "" {
				files["examples/a.json"] = &fstest.MapFile{Data: []byte(test.variables)}
			}
			_, err := readExamples(files)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "examples/a.graphql") {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
