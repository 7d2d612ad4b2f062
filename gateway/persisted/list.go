package persisted

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// list is a manifest that was read. It is not changed, but replaced.
type list[D any] struct {
	byID   map[string]*listed[D] // by hash as well
	byText map[string]*listed[D]
}

// listed is a document of a manifest, and what was made of it.
type listed[D any] struct {
	Entry
	prepared D
}

func (l *listed[D]) found() Found[D] {
	return Found[D]{Text: l.Text, Listed: true, Prepared: l.prepared}
}

// find finds a document by its id, or by its hash.
func (l *list[D]) find(id string) *listed[D] {
	if doc := l.byID[id]; doc != nil {
		return doc
	}
	if hash, ok := hashIn(id); ok {
		return l.byID[hash]
	}
	return nil
}

// maxReported bounds the documents that one error, or the log, names.
const maxReported = 10

// newList prepares the documents of a manifest; those whose text is in the list before as well are
// ready. Each of rejected is what is wrong with a document, and they are left out.
func newList[D any](entries []Entry, before *list[D], prepare func(Entry) (D, error)) (l *list[D], rejected []error) {
	l = &list[D]{byID: make(map[string]*listed[D], 2*len(entries)), byText: make(map[string]*listed[D], len(entries))}
	for _, e := range entries {
		doc := l.byText[e.Text]
		if doc == nil {
			doc = &listed[D]{Entry: e}
			if known := before.byText[e.Text]; known != nil {
				doc.prepared = known.prepared
			} else {
				var err error
				if doc.prepared, err = prepare(e); err != nil {
					rejected = append(rejected, fmt.Errorf("document %s: %w", e, err))
					continue
				}
			}
			l.byText[e.Text] = doc
			l.byID[hashOf(e.Text)] = doc
		}
		l.byID[e.ID] = doc
	}
	return l, rejected
}

// load reads the manifest and replaces the list. After an error the list is as it was.
func (d *Documents[D]) load() error {
	start := d.config.Now()
	before := d.list.Load()
	data, info, err := readFile(d.config.File, d.seen)
	if err != nil {
		return err
	}
	d.seen = info // from before it was read: what changed meanwhile is read again
	entries, err := ReadManifest(data)
	if err != nil {
		return fmt.Errorf("read %s: %w", d.config.File, err)
	}
	l, rejected := newList(entries, before, d.prepare)
	if len(rejected) > 0 && !d.config.AllowInvalid {
		return fmt.Errorf("%d of the %d documents in %s are not valid: %w", len(rejected), len(entries), d.config.File, some(rejected))
	}
	d.list.Store(l)
	for text, doc := range before.byText {
		if l.byText[text] == nil {
			d.forget(doc.prepared)
		}
	}
	if len(rejected) > 0 {
		d.config.Log.Warn("documents of the manifest are left out", "file", d.config.File, "number", len(rejected), "err", some(rejected))
	}
	d.config.Log.Info("documents of the manifest are ready", "file", d.config.File, "documents", len(l.byText), "mode", d.config.Mode,
		"took", d.config.Now().Sub(start).Round(time.Millisecond))
	return nil
}

// some are the first errors.
func some(errs []error) error {
	if more := len(errs) - maxReported; more > 0 {
		errs = append(errs[:maxReported:maxReported], fmt.Errorf("and %d more", more))
	}
	return errors.Join(errs...)
}

// readFile reads a file, unless it is the one that was read before: then the error is errUnchanged.
func readFile(path string, before os.FileInfo) ([]byte, os.FileInfo, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("read the manifest: %w", err)
	}
	defer f.Close() //nolint:errcheck // it was read only
	info, err := f.Stat()
	if err != nil {
		return nil, nil, fmt.Errorf("read the manifest: %w", err)
	}
	if before != nil && os.SameFile(info, before) && info.Size() == before.Size() && info.ModTime().Equal(before.ModTime()) {
		return nil, info, errUnchanged
	}
	data, err := io.ReadAll(io.LimitReader(f, MaxManifestBytes+1))
	if err != nil {
		return nil, nil, fmt.Errorf("read the manifest %s: %w", path, err)
	}
	return data, info, nil
}

// Watch looks at the manifest each time something comes from tick, until ctx ends, and replaces the
// documents when it has changed. A manifest that cannot be used is reported, once as long as the error
// is the same, and the one before stays.
func (d *Documents[D]) Watch(ctx context.Context, tick <-chan time.Time) {
	if d.config.File == "" {
		return
	}
	reported := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick:
		}
		switch err := d.load(); {
		case errors.Is(err, errUnchanged):
		case err == nil:
			reported = ""
		case err.Error() != reported:
			reported = err.Error()
			d.config.Log.Error("the new manifest cannot be used, the one before stays", "err", err)
		}
	}
}
