// Package playground serves the GraphQL Playground: GraphiQL with a pane of
// example queries and a pane that shows the statements of the last response.
//
// It owns the page, built from the sources beside this file by
// `npm ci && npm run build` and embedded, and the examples/*.graphql files. It
// must not know the schema, the executor or the store: the page is a client
// like any other and asks the GraphQL endpoint. Nothing in it comes from
// another host, and its Content-Security-Policy has the browser enforce that.
//
// In a query's way it stands before the beginning: gateway mounts it at "/".
package playground

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
)

//go:embed all:dist
var dist embed.FS

// contentSecurityPolicy keeps the page to its own host. Only styles may stand
// inline: the editor writes its theme and its layout into the document.
const contentSecurityPolicy = "default-src 'none'; " +
	"script-src 'self'; worker-src 'self'; connect-src 'self'; " +
	"style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// signInAssets begins the names of the files of the control "Signed in as", which the build keeps apart.
const signInAssets = "assets/signin-"

// Options say where the page sends its operations.
type Options struct {
	// Endpoint is the path of the GraphQL endpoint; empty means "/graphql".
	Endpoint string
	// SubscriptionEndpoint is the path of the WebSocket endpoint
	// (graphql-transport-ws); empty means that there are no subscriptions.
	SubscriptionEndpoint string
	// SignInEndpoint is the path below which the page asks whom it can sign in as, and for their
	// tokens; empty means that it cannot, and the control is not served.
	SignInEndpoint string
	// Title is the page's title and heading; empty means "Backline".
	Title string
}

// Handler serves the page at "/", its assets and licences, and the examples.
// Mount it at the root, or elsewhere behind http.StripPrefix. It answers GET
// and HEAD, and 404 for every path that it does not own.
//
// It panics where the embedded build is damaged, which a test excludes.
func Handler(options Options) http.Handler {
	built, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(fmt.Errorf("open the embedded playground: %w", err))
	}
	files, err := load(built, options)
	if err != nil {
		panic(fmt.Errorf("load the embedded playground: %w", err))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, ok := files[strings.TrimPrefix(r.URL.Path, "/")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		f.serve(w, r)
	})
}

// load reads all that the page consists of, by the path without its first slash.
func load(built fs.FS, options Options) (map[string]*file, error) {
	files := make(map[string]*file)
	err := fs.WalkDir(built, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || name == "index.html" {
			return err
		}
		content, err := fs.ReadFile(built, name)
		if err != nil {
			return err
		}
		if options.SignInEndpoint == "" && strings.HasPrefix(name, signInAssets) {
			return nil
		}
		path, zipped := strings.CutSuffix(name, ".gz")
		files[path], err = newFile(path, content, zipped)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read assets: %w", err)
	}
	if files[""], err = page(built, options); err != nil {
		return nil, err
	}
	if files["examples.json"], err = exampleFile(); err != nil {
		return nil, err
	}
	return files, nil
}

// page fills the options into index.html.
func page(built fs.FS, options Options) (*file, error) {
	if options.Endpoint == "" {
		options.Endpoint = "/graphql"
	}
	if options.Title == "" {
		options.Title = "Backline"
	}
	text, err := template.ParseFS(built, "index.html")
	if err != nil {
		return nil, fmt.Errorf("parse index.html: %w", err)
	}
	var page bytes.Buffer
	if err := text.Execute(&page, options); err != nil {
		return nil, fmt.Errorf("fill index.html: %w", err)
	}
	return newFile("index.html", page.Bytes(), false)
}
