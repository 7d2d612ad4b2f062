package telemetry

import (
	"slices"
	"strings"
)

// Bounds on what clients say about themselves.
const (
	maxClients     = 30
	maxClientName  = 64
	noClient       = "none"
	clientNameRest = " ._-/@:+()"
)

// clients are the names of clients that are told apart: those that were configured, or else the first
// that came.
type clients struct {
	known  []string
	labels *family[string, string]
}

func newClients(known []string) *clients {
	return &clients{known, newFamily(maxClients, func(string) string { return otherLabel }, func(name string) *string { return &name })}
}

// label is what a name is counted as.
func (c *clients) label(name string) string {
	switch {
	case name == "":
		return noClient
	case !isClientName(name), len(c.known) > 0 && !slices.Contains(c.known, name):
		return otherLabel
	}
	return *c.labels.of(name)
}

// versionLabel is what a version is counted as. Their number is bounded together with all else.
func versionLabel(version string) string {
	switch {
	case version == "":
		return noClient
	case !isClientName(version):
		return otherLabel
	}
	return version
}

// isClientName keeps what a label should not have out of it: controls, quotes, other scripts' lookalikes,
// and more than can be read.
func isClientName(name string) bool {
	if len(name) > maxClientName {
		return false
	}
	for i := range len(name) {
		c := name[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && strings.IndexByte(clientNameRest, c) < 0 {
			return false
		}
	}
	return true
}
