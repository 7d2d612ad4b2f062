package persisted

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"

	"backline/gateway/object"
)

// Bounds of a manifest.
const (
	MaxManifestBytes     = 64 << 20
	MaxManifestDocuments = 20_000
)

// Entry is a document of a manifest.
type Entry struct {
	ID   string
	Name string // of its operation, as the manifest says; "" if it does not
	Text string
}

// apolloFormat is what Apollo's manifests say that they are.
const apolloFormat = "apollo-persisted-query-manifest"

// ReadManifest reads a manifest of one of two forms. Apollo's is
//
//	{"format": "apollo-persisted-query-manifest", "version": 1,
//	 "operations": [{"id": "…", "name": "…", "type": "query", "body": "query …"}]}
//
// and the other one, which Relay's compiler and GraphQL Code Generator write, is {"id": "query …"}.
// The entries are in the order of the manifest, each with an id that no other has. An id that is
// written as a SHA-256 must be that of the text.
func ReadManifest(data []byte) ([]Entry, error) {
	if len(data) > MaxManifestBytes {
		return nil, fmt.Errorf("the manifest has more than %d bytes", MaxManifestBytes)
	}
	if !utf8.Valid(data) { // which encoding/json would mend
		return nil, errors.New("the manifest is not UTF-8")
	}
	members, err := membersOf(data, MaxManifestDocuments)
	if err != nil {
		return nil, fmt.Errorf("the manifest %w", err)
	}
	var entries []Entry
	if format, operations := find(members, "format"), find(members, "operations"); format != nil && operations != nil {
		entries, err = apolloEntries(format, find(members, "version"), operations)
	} else {
		entries, err = plainEntries(members)
	}
	if err != nil {
		return nil, err
	}
	seen := make(map[string]bool, len(entries))
	for _, e := range entries {
		if err := checkEntry(e); err != nil {
			return nil, err
		}
		id := e.ID
		if hash, ok := hashIn(id); ok {
			id = hash
		}
		if seen[id] {
			return nil, fmt.Errorf("the manifest has the id %q twice", e.ID)
		}
		seen[id] = true
	}
	return entries, nil
}

func checkEntry(e Entry) error {
	if err := CheckID(e.ID); err != nil {
		return fmt.Errorf("the manifest has the id %s, which %w", quoted(e.ID), err)
	}
	if e.Text == "" {
		return fmt.Errorf("the manifest has no text for %s", e)
	}
	if hash, ok := hashIn(e.ID); ok && hash != hashOf(e.Text) {
		return fmt.Errorf("the manifest has the id %q for a text whose SHA-256 is %s", e.ID, hashOf(e.Text))
	}
	return nil
}

// String names an entry in messages for operators.
func (e Entry) String() string {
	if e.Name == "" {
		return e.ID
	}
	return quoted(e.Name) + " (" + e.ID + ")"
}

// quoted is a text for a message, which a wrong manifest may have made long.
func quoted(s string) string {
	if len(s) > maxID {
		s = s[:maxID] + "…"
	}
	return strconv.Quote(s)
}

func plainEntries(members []object.Member) ([]Entry, error) {
	entries := make([]Entry, len(members))
	for i, m := range members {
		text, err := stringIn(m.Value)
		if err != nil {
			return nil, fmt.Errorf("the manifest has no text for the id %s: %w", quoted(m.Name), err)
		}
		entries[i] = Entry{ID: m.Name, Text: text}
	}
	return entries, nil
}

func apolloEntries(format, version, operations json.RawMessage) ([]Entry, error) {
	if name, err := stringIn(format); err != nil || name != apolloFormat {
		return nil, errors.New("the manifest's format is not " + strconv.Quote(apolloFormat))
	}
	if string(version) != "1" {
		return nil, errors.New("the manifest's version is not 1")
	}
	d := json.NewDecoder(bytes.NewReader(operations))
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return nil, errors.New("the manifest's operations are not a list")
	}
	var entries []Entry
	for d.More() {
		if len(entries) == MaxManifestDocuments {
			return nil, fmt.Errorf("the manifest has more than %d documents", MaxManifestDocuments)
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return nil, fmt.Errorf("read operation %d of the manifest: %w", len(entries)+1, err)
		}
		e, err := apolloEntry(raw)
		if err != nil {
			return nil, fmt.Errorf("operation %d of the manifest %w", len(entries)+1, err)
		}
		entries = append(entries, e)
	}
	return entries, nil
}

func apolloEntry(raw json.RawMessage) (Entry, error) {
	members, err := membersOf(raw, 100)
	if err != nil {
		return Entry{}, err
	}
	var e Entry
	for _, f := range []struct {
		name     string
		into     *string
		required bool
	}{{"id", &e.ID, true}, {"body", &e.Text, true}, {"name", &e.Name, false}} {
		value := find(members, f.name)
		if value == nil && !f.required {
			continue
		}
		if *f.into, err = stringIn(value); err != nil {
			return Entry{}, fmt.Errorf("has no %s: %w", f.name, err)
		}
	}
	return e, nil
}

// find is the value of a name; nil if there is none.
func find(members []object.Member, name string) json.RawMessage {
	for _, m := range members {
		if m.Name == name {
			return m.Value
		}
	}
	return nil
}

// membersOf reads an object. Its error goes on after what the object is.
func membersOf(data []byte, most int) ([]object.Member, error) {
	members, err := object.Members(data, most)
	if twice, ok := errors.AsType[*object.TwiceError](err); ok {
		return nil, fmt.Errorf("has the name %s twice", quoted(twice.Name)) // it may be long
	}
	return members, err
}

// stringIn reads a JSON string, and nothing else.
func stringIn(raw json.RawMessage) (string, error) {
	if len(raw) == 0 || raw[0] != '"' {
		return "", errors.New("it is not a string")
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err
}
