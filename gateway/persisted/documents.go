package persisted

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// Mode is which documents may run.
type Mode string

// Modes.
const (
	Open   Mode = "open"   // all
	Prefer Mode = "prefer" // all, but what is not in the manifest is reported
	Only   Mode = "only"   // those of the manifest, named by their ids
)

// Config says which documents can be named. The zero Config has none.
type Config struct {
	// File is the path of a manifest; "" is none. See [ReadManifest].
	File string
	// Mode is which documents may run. "" is Open; the others need a File.
	Mode Mode
	// AllowInvalid leaves invalid documents of the manifest out, and reports them, instead of refusing
	// the manifest.
	AllowInvalid bool
	// Automatic keeps what clients send together with its hash; not in the mode Only.
	Automatic bool
	// Redis shares automatic documents between instances. Nil: each has its own.
	Redis redis.UniversalClient
	// Wait bounds how long a request waits for Redis. Zero: 100 ms.
	Wait time.Duration
	// TTL is how long Redis keeps a document that nobody uses. Zero: a day.
	TTL time.Duration
	// Kept bounds the automatic documents in memory, and in Redis; zero is 5,000 in each.
	Kept int
	// KeptBytes bounds their texts in memory; zero is 16 MiB.
	KeptBytes int
	// DocumentBytes bounds one that comes from Redis; zero is 15,000.
	DocumentBytes int
	// Log hears what operators should know. Nil discards it.
	Log *slog.Logger
	// Now is the clock. Nil is time.Now.
	Now func() time.Time
}

func (c Config) withDefaults() Config {
	if c.Mode == "" {
		c.Mode = Open
	}
	c.Wait = orDefault(c.Wait, 100*time.Millisecond)
	c.TTL = orDefault(c.TTL, 24*time.Hour)
	c.Kept = orDefault(c.Kept, 5000)
	c.KeptBytes = orDefault(c.KeptBytes, 16<<20)
	c.DocumentBytes = orDefault(c.DocumentBytes, 15_000)
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

func orDefault[N int | time.Duration](n, initial N) N {
	if n <= 0 {
		return initial
	}
	return n
}

// Documents finds documents. D is what its user makes of a text of the manifest once and for all: a
// document that is parsed, checked and planned.
type Documents[D any] struct {
	config    Config
	prepare   func(Entry) (D, error)
	forget    func(D)
	automatic *automatic // nil: there are none
	list      atomic.Pointer[list[D]]
	seen      os.FileInfo // the manifest that was read last, whatever came of it
}

// New reads the manifest, if there is one, and prepares all of its documents: an error of prepare is
// what is wrong with one, in words for operators. forget is told of a document that a new manifest does
// not have; requests may still be running it.
func New[D any](c Config, prepare func(Entry) (D, error), forget func(D)) (*Documents[D], error) {
	c = c.withDefaults()
	d := &Documents[D]{config: c, prepare: prepare, forget: forget}
	d.list.Store(&list[D]{})
	if c.Mode != Open && c.File == "" {
		return nil, fmt.Errorf("the mode %q of persisted operations needs a manifest", c.Mode)
	}
	if c.Automatic && c.Mode != Only {
		var far *shared
		if c.Redis != nil {
			far = &shared{client: c.Redis, ttl: c.TTL, most: c.Kept, maxBytes: c.DocumentBytes, wait: c.Wait, log: c.Log, now: c.Now}
		}
		var err error
		if d.automatic, err = newAutomatic(c.Kept, c.KeptBytes, far); err != nil {
			return nil, err
		}
	}
	if c.File == "" {
		return d, nil
	}
	return d, d.load()
}

// Found is the document that a request means.
type Found[D any] struct {
	Text string
	// Listed is set if it stands in the manifest. Then Prepared is what was made of it.
	Listed   bool
	Prepared D
	// Unlisted is set if it should stand there: it runs, and is to be reported.
	Unlisted bool

	hash string // to be kept under; "": not to be kept
}

// Hash is the SHA-256 of the document's text, in hexadecimal digits.
func (f Found[D]) Hash() string { return hashOf(f.Text) }

// Find finds the document of a request, which has a text or an id. The error is an *Error if the
// document is not to run.
func (d *Documents[D]) Find(ctx context.Context, r Request) (Found[D], error) {
	list := d.list.Load()
	if r.ID == "" {
		return d.byText(list, r.Text)
	}
	if doc := list.find(r.ID); doc != nil {
		if r.Text != "" && r.Text != doc.Text {
			return Found[D]{}, errMismatch
		}
		return doc.found(), nil
	}
	hash, isHash := hashIn(r.ID)
	switch {
	case d.config.Mode == Only && r.Text != "":
		return Found[D]{}, errNotInList
	case r.Text != "" && (!isHash || hashOf(r.Text) != hash):
		return Found[D]{}, errMismatch
	case d.config.Mode == Only, !isHash:
		return Found[D]{}, errNotFound
	case r.Text != "":
		f, err := d.byText(list, r.Text)
		if d.automatic != nil && !f.Listed {
			f.hash = hash
		}
		return f, err
	case d.automatic == nil:
		return Found[D]{}, errNotSupported
	}
	text, ok := d.automatic.load(ctx, hash)
	if !ok {
		return Found[D]{}, errNotFound
	}
	return Found[D]{Text: text, Unlisted: d.config.Mode == Prefer}, nil
}

// byText finds the document of a request without an id.
func (d *Documents[D]) byText(list *list[D], text string) (Found[D], error) {
	doc := list.byText[text]
	switch {
	case doc != nil && d.config.Mode == Only:
		return Found[D]{}, errIDRequired
	case doc != nil:
		return doc.found(), nil
	case d.config.Mode == Only:
		return Found[D]{}, errNotInList
	}
	return Found[D]{Text: text, Unlisted: d.config.Mode == Prefer}, nil
}

// Keep keeps a document that was found good, if its client wants that.
func (d *Documents[D]) Keep(ctx context.Context, f Found[D]) {
	if f.hash != "" {
		d.automatic.store(ctx, f.hash, f.Text)
	}
}

// Size is how many documents of the manifest can be asked for.
func (d *Documents[D]) Size() int { return len(d.list.Load().byText) }

// errUnchanged says that a manifest is the one that was read before.
var errUnchanged = errors.New("unchanged")
