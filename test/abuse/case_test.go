package abuse

import (
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"text/template"
	"time"
	"unicode/utf16"

	"github.com/andybalholm/brotli"
)

// attack is one request and what may come of it.
type attack struct {
	name   string
	status int
	code   string        // of the first error; "data" where the request is fine; "-" where net/http answers
	bytes  int           // of the body that comes back, at most
	cpu    time.Duration // of this process, client included, at most
	server string        // one of those of TestCases
	text   string        // what the answer must have
	wire   []byte        // what is sent
}

// Bounds of a refusal, unless a case has its own.
const (
	maxBytes = 4 << 10
	maxCPU   = 5 * time.Millisecond
)

// secret must never come back, whatever is wrong with the request around it.
const secret = "s3cret"

// read reads the cases. A file has any number of
//
//	=== name
//	expect: STATUS CODE
//	key: value
//
//	content
//
// The content is sent as the query of a POST ("as: query", the default, with "variables: JSON" and
// "operation: NAME"), as its body ("as: body"), or as the whole request ("as: wire": line ends are
// CRLF, Host is not added). "header: Name: value" adds a header to the first two, or replaces
// Content-Type. "bytes:", "cpu:" are bounds, "server:" is one of those in TestCases, production by default,
// "has:" is a part of the answer. What stands in ‹› is a template: [parts] has its functions.
func read(t *testing.T) []attack {
	t.Helper()
	files, err := filepath.Glob("cases/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("found no cases: %v", err)
	}
	var all []attack
	seen := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range strings.Split("\n"+string(text), "\n=== ")[1:] {
			a := parse(t, block)
			a.name = strings.TrimSuffix(filepath.Base(file), ".txt") + ": " + a.name
			if seen[a.name] {
				t.Fatalf("two cases are called %s", a.name)
			}
			seen[a.name] = true
			all = append(all, a)
		}
	}
	return all
}

// parse reads one case.
func parse(t *testing.T, block string) attack {
	t.Helper()
	head, content, _ := strings.Cut(block, "\n\n")
	name, settings, _ := strings.Cut(head, "\n")
	a := attack{name: strings.TrimSpace(name), bytes: maxBytes, cpu: maxCPU, server: "production"}
	as, variables, operation := "query", "", ""
	var headers []string
	for line := range strings.Lines(settings) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		var err error
		switch key {
		case "expect":
			_, err = fmt.Sscanf(value, "%d %s", &a.status, &a.code)
		case "as":
			as = value
		case "variables":
			variables = expand(t, value)
		case "operation":
			operation = value
		case "header":
			headers = append(headers, expand(t, value))
		case "bytes":
			a.bytes, err = strconv.Atoi(value)
		case "cpu":
			a.cpu, err = time.ParseDuration(value)
		case "server":
			a.server = value
		case "has":
			a.text = value
		default:
			err = fmt.Errorf("%q is no setting", key)
		}
		if err != nil {
			t.Fatalf("%s: %v", a.name, err)
		}
	}
	content = expand(t, strings.TrimRight(content, "\n"))
	switch as {
	case "query":
		body := `{"query":` + quote(content)
		if operation != "" {
			body += `,"operationName":` + quote(operation)
		}
		if variables != "" {
			body += `,"variables":` + variables
		}
		a.wire = post(headers, body+"}")
	case "body":
		a.wire = post(headers, content)
	case "wire":
		head, body, _ := strings.Cut(content, "\n\n")
		a.wire = []byte(strings.ReplaceAll(head, "\n", "\r\n") + "\r\n\r\n" + body)
	default:
		t.Fatalf("%s: nothing is sent as %q", a.name, as)
	}
	return a
}

// post is the request that most clients send.
func post(headers []string, body string) []byte {
	var b bytes.Buffer
	b.WriteString("POST /graphql HTTP/1.1\r\nHost: backline\r\nAccept: application/graphql-response+json\r\n")
	given := false
	for _, h := range headers {
		given = given || strings.HasPrefix(h, "Content-Type:")
		b.WriteString(h + "\r\n")
	}
	if !given {
		b.WriteString("Content-Type: application/json\r\n")
	}
	fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(body), body)
	return b.Bytes()
}

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil { // a string can be encoded
		panic(err)
	}
	return string(b)
}

func expand(t *testing.T, text string) string {
	t.Helper()
	tmpl, err := template.New("").Delims("‹", "›").Funcs(parts).Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := tmpl.Execute(&b, nil); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// parts make long contents from short cases.
var parts = template.FuncMap{
	// times repeats a text.
	"times": func(n int, s string) string { return strings.Repeat(s, n) },
	// each repeats a text with # as the number, from 0.
	"each": func(n int, s string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.ReplaceAll(s, "#", strconv.Itoa(i)))
		}
		return b.String()
	},
	// nest puts a text into n times something around it.
	"nest": func(n int, before, inner, after string) string {
		return strings.Repeat(before, n) + inner + strings.Repeat(after, n)
	},
	// chain is n fragments F0, F1, … on a type; + in the text is the name of the next one.
	"chain": func(n int, on, s, last string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "fragment F%d on %s{%s}", i, on, strings.ReplaceAll(s, "+", fmt.Sprint("F", i+1)))
		}
		fmt.Fprintf(&b, "fragment F%d on %s{%s}", n, on, last)
		return b.String()
	},
	// token is a JWT; see the function.
	"token": token,
	// apikey is a good API key.
	"apikey": func() string { return theCredentials().apiKey },
	// hex are bytes: "ff fe".
	"hex": func(s string) (string, error) {
		b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
		return string(b), err
	},
	// utf16 is a text in UTF-16, little end first, with its mark.
	"utf16": func(s string) string {
		b := []byte{0xff, 0xfe}
		for _, u := range utf16.Encode([]rune(s)) {
			b = append(b, byte(u), byte(u>>8))
		}
		return string(b)
	},
	// gzip compresses.
	"gzip": func(s string) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		z.Write([]byte(s))
		z.Close()
		return b.String()
	},
	"brotli": func(s string) string {
		var b bytes.Buffer
		z := brotli.NewWriter(&b)
		z.Write([]byte(s))
		z.Close()
		return b.String()
	},
	"json": quote,
	"len":  func(s string) int { return len(s) },
}
