package identity

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// maxKeyFile bounds a key file, in bytes: some 15,000 keys.
const maxKeyFile = 4 << 20

// keyFile is the API keys in a file, read again when it changes. New content counts once it has been
// the same twice, since an editor may empty a file before it fills it; and a file that cannot be read
// leaves the keys as they were. So nobody is locked out while somebody writes. A key is withdrawn by
// taking its line out.
type keyFile struct {
	path    string
	log     *slog.Logger
	current atomic.Pointer[map[tokenHash]*Key]
	watcher sync.WaitGroup

	// Only the watcher has these.
	read, pending tokenHash // of the content that counts, and of what was seen last
	failed        string    // what was said to be wrong
}

// openKeyFile reads a file. Now, unlike later, one that cannot be read is an error.
func openKeyFile(path string, log *slog.Logger) (*keyFile, error) {
	f := &keyFile{path: path, log: log}
	content, err := f.content()
	if err != nil {
		return nil, err
	}
	return f, f.take(content)
}

// CheckKeyFile tells what is wrong with a file of API keys.
func CheckKeyFile(path string) error {
	_, err := openKeyFile(path, slog.New(slog.DiscardHandler))
	return err
}

// CheckKeys tells what is wrong with the content of such a file.
func CheckKeys(content []byte) error {
	_, err := readKeyFile(content)
	return err
}

// find is the key with this text; nil if there is none. The time that it takes depends on the hash, of
// which nobody learns anything by changing the text.
func (f *keyFile) find(text string) *Key { return (*f.current.Load())[hashOf(text)] }

func (f *keyFile) content() ([]byte, error) {
	content, err := readFile(f.path, maxKeyFile)
	if err != nil {
		return nil, fmt.Errorf("read the API keys: %w", err)
	}
	return content, nil
}

// take makes content count.
func (f *keyFile) take(content []byte) error {
	keys, err := readKeyFile(content)
	if err != nil {
		return fmt.Errorf("read the API keys in %s: %w", f.path, err)
	}
	f.read = sha256.Sum256(content)
	f.current.Store(&keys)
	return nil
}

// readKeyFile reads JSON values one after the other, each a key: JSON Lines. Errors name the key by
// its number and its name.
func readKeyFile(content []byte) (map[tokenHash]*Key, error) {
	d := json.NewDecoder(bytes.NewReader(content))
	d.DisallowUnknownFields()
	keys, names := map[tokenHash]*Key{}, map[string]bool{}
	for n := 1; ; n++ {
		k := &Key{}
		err := d.Decode(k)
		if errors.Is(err, io.EOF) {
			return keys, nil
		}
		if err != nil {
			return nil, fmt.Errorf("key %d: %w", n, err)
		}
		if err := k.prepare(); err != nil {
			return nil, fmt.Errorf("key %d (%q): %w", n, k.Name, err)
		}
		hash, err := k.hash()
		if err != nil {
			return nil, fmt.Errorf("key %d (%q): %w", n, k.Name, err)
		}
		if keys[hash] != nil || names[k.Name] {
			return nil, fmt.Errorf("key %d (%q): there is one with this hash or this name already", n, k.Name)
		}
		keys[hash], names[k.Name] = k, true
	}
}

// watch looks at the file again and again until ctx ends. It compares the content, since neither a
// time nor a size tells of every change, and a mounted file may be a link whose target is replaced.
func (f *keyFile) watch(ctx context.Context, every time.Duration) {
	f.watcher.Go(func() {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				f.look()
			}
		}
	})
}

// look reads the file once, and says what happened unless it said so before.
func (f *keyFile) look() {
	content, err := f.content()
	if err == nil {
		sum := tokenHash(sha256.Sum256(content))
		settled := sum == f.pending
		f.pending = sum
		if sum == f.read {
			f.failed = ""
			return
		}
		if !settled {
			return
		}
		err = f.take(content)
	}
	switch {
	case err == nil:
		f.failed = ""
		f.log.Info("read the API keys again", "keys", len(*f.current.Load()))
	case err.Error() != f.failed:
		f.failed = err.Error()
		f.log.Error("the API keys stay as they were", "err", err)
	}
}

// wait returns when the watcher has ended.
func (f *keyFile) wait() { f.watcher.Wait() }
