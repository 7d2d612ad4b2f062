package proc

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Allocated is what a Go process has allocated since its start.
type Allocated struct{ Objects, Bytes int64 }

// Allocations asks a Go server by its profile endpoint.
func Allocations(debugAddr string) (Allocated, error) {
	client := http.Client{Timeout: 10 * time.Second}
	r, err := client.Get("http://" + debugAddr + "/debug/pprof/allocs?debug=1")
	if err != nil {
		return Allocated{}, err
	}
	defer r.Body.Close()
	a := Allocated{Objects: -1, Bytes: -1}
	lines := bufio.NewScanner(r.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		for name, to := range map[string]*int64{"# Mallocs = ": &a.Objects, "# TotalAlloc = ": &a.Bytes} {
			if n, ok := strings.CutPrefix(lines.Text(), name); ok {
				if *to, err = strconv.ParseInt(n, 10, 64); err != nil {
					return a, err
				}
			}
		}
	}
	if a.Objects < 0 || a.Bytes < 0 {
		return a, fmt.Errorf("http://%s/debug/pprof/allocs does not tell", debugAddr)
	}
	return a, lines.Err()
}

// Profile fetches a profile: "profile?seconds=5", "allocs".
func Profile(debugAddr, what string, to io.Writer) error {
	client := http.Client{Timeout: 2 * time.Minute}
	r, err := client.Get("http://" + debugAddr + "/debug/pprof/" + what)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		return fmt.Errorf("profile %s: %s", what, r.Status)
	}
	_, err = io.Copy(to, r.Body)
	return err
}
