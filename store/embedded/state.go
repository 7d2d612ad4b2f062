package embedded

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

const stateName = "cluster.json"

// state is what a directory remembers between runs.
type state struct {
	// Shards the data was divided among. Buckets are spread over them, so it can
	// never change for the same data.
	Shards int `json:"shards"`
	// Created is set once every shard was there: from then on a missing one is a
	// loss, before it is an interrupted first start.
	Created bool `json:"created"`
	// Postgres is the major version whose format the data has.
	Postgres int `json:"postgres"`
	// Home is where the shards lie when it is not the directory itself.
	Home string `json:"home,omitempty"`
	// Password of the Postgres superuser and of Redis, for TCP.
	Password string `json:"password"`
	// Ephemeral marks what the run that made it was to remove, and could not.
	Ephemeral bool `json:"ephemeral,omitempty"`
	// Ports of the last run, used again where they are free, so that a saved
	// connection of a database tool keeps working.
	Ports []int `json:"ports,omitempty"`
}

// readState returns false where dir has no state.
func readState(dir string) (state, bool, error) {
	var s state
	text, err := os.ReadFile(filepath.Join(dir, stateName))
	if errors.Is(err, fs.ErrNotExist) {
		return s, false, nil
	}
	if err != nil {
		return s, false, fmt.Errorf("read state: %w", err)
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return s, false, fmt.Errorf("read state %s (--reset begins anew): %w", filepath.Join(dir, stateName), err)
	}
	return s, true, nil
}

// write replaces the file in one step.
func (s state) write(dir string) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	path := filepath.Join(dir, stateName)
	if err := os.WriteFile(path+".new", append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	// Root may have taken up a user's directory, who will want it back.
	if info, err := os.Stat(dir); err == nil {
		uid, gid := ownerOf(info)
		_ = os.Chown(path+".new", uid, gid)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	return nil
}

// ShardCountError is returned by Start when the data on disk was divided among
// another number of shards.
type ShardCountError struct {
	Dir            string
	OnDisk, Wanted int
}

func (e *ShardCountError) Error() string {
	return fmt.Sprintf("data in %s is divided among %d shards, and %d were asked for; start with %d shards, or with --reset to begin anew (that deletes the data)",
		e.Dir, e.OnDisk, e.Wanted, e.OnDisk)
}

// VersionError is returned by Start when the data on disk has the format of
// another major version of Postgres and no Postgres of that version was found.
type VersionError struct {
	Dir           string
	OnDisk, Found int
	Bin           string
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("data in %s was made by PostgreSQL %d, and only PostgreSQL %d was found (%s); install PostgreSQL %d, name its bin directory in BACKLINE_POSTGRES_BIN, or start with --reset to begin anew (that deletes the data)",
		e.Dir, e.OnDisk, e.Found, e.Bin, e.OnDisk)
}
