package seed

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"backline/store/shard"
)

// expectedScript ends the messages about files that are something else.
const expectedScript = "expected Chinook_PostgreSql.sql as published with https://github.com/lerocha/chinook-database"

// Chinook loads the official script for PostgreSQL from a file. The script is read and checked as a
// whole (columns, types, duplicates, references) before anything is written: after an error, which
// names the file and the line, every shard is as it was. Times in the script are UTC; a playlist's
// entries keep the order in which the script names them.
//
// It is ErrNotEmpty if the shards hold rows already.
func Chinook(ctx context.Context, target Target, path string, progress Progress) (Report, error) {
	script, err := OpenChinook(path)
	if err != nil {
		return Report{}, err
	}
	return script.Load(ctx, target, progress)
}

// OpenChinook reads and checks the script in a file, and writes nothing.
func OpenChinook(path string) (*Script, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("seed file %s does not exist: %s", path, expectedScript)
	case err != nil:
		return nil, fmt.Errorf("open seed file: %w", err)
	case info.IsDir():
		return nil, fmt.Errorf("seed file %s is a folder: %s", path, expectedScript)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open seed file: %w", err)
	}
	defer func() { _ = file.Close() }()
	return ReadChinook(path, file)
}

// ReadChinook reads and checks a script; name stands for it in errors. All rows are held in memory,
// about ten times the size of the text.
func ReadChinook(name string, in io.Reader) (*Script, error) {
	sum := sha256.New()
	buffered := bufio.NewReader(io.TeeReader(in, sum))
	if err := recognise(buffered); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	r := newScriptReader()
	if err := parseScript(buffered, r.row); err != nil {
		var at *lineError
		if r.empty() && errors.As(err, &at) { // not a row of it is understood: probably another file
			return nil, fmt.Errorf("%s: %w: %s", name, err, expectedScript)
		}
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if r.empty() {
		return nil, fmt.Errorf("%s holds no INSERT statement: %s", name, expectedScript)
	}
	if err := r.resolve(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	r.script.sum = fmt.Sprintf("%x", sum.Sum(nil))
	return &r.script, nil
}

// recognise refuses files that are not a text in UTF-8, by what they begin with, and skips a byte
// order mark.
func recognise(in *bufio.Reader) error {
	head, err := in.Peek(16)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read: %w", err)
	}
	if len(head) == 0 {
		return fmt.Errorf("the file is empty: %s", expectedScript)
	}
	for magic, what := range map[string]string{
		"SQLite format 3\x00": "an SQLite database",
		"PGDMP":               "an archive of pg_dump",
		"\x1f\x8b":            "compressed with gzip",
		"PK\x03\x04":          "a zip archive",
		"\xff\xfe":            "UTF-16, as the script for SQL Server is",
		"\xfe\xff":            "UTF-16, as the script for SQL Server is",
	} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return fmt.Errorf("the file is %s: %s", what, expectedScript)
		}
	}
	if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		_, _ = in.Discard(3)
	}
	return nil
}

// Script is a script that has been read and found in order.
type Script struct {
	sum            string // SHA-256 of the text
	genres         []nameRow
	mediaTypes     []nameRow
	employees      []employeeRow
	artists        []rootRow
	albums         []albumRow
	tracks         []trackRow
	playlists      []rootRow
	playlistTracks []playlistTrackRow
	customers      []customerRow
	invoices       []invoiceRow
	invoiceLines   []invoiceLineRow
}

// Load writes the script's rows. It is ErrNotEmpty if the shards hold rows already.
func (s *Script) Load(ctx context.Context, target Target, progress Progress) (Report, error) {
	return load(ctx, target, s, progress)
}

func (s *Script) fingerprint() string { return "chinook sha256:" + s.sum }

func (s *Script) rows(t Table) int64 {
	return int64([tableCount]int{
		Genre: len(s.genres), MediaType: len(s.mediaTypes), Employee: len(s.employees),
		Artist: len(s.artists), Album: len(s.albums), Track: len(s.tracks),
		Playlist: len(s.playlists), PlaylistTrack: len(s.playlistTracks),
		Customer: len(s.customers), Invoice: len(s.invoices), InvoiceLine: len(s.invoiceLines),
	}[t])
}

func (s *Script) write(t Table, owns func(shard.Bucket) bool, out *copyWriter) error {
	all := func(shard.ID) bool { return true }
	own := func(id shard.ID) bool { return owns(id.Bucket()) }
	switch t {
	case Genre:
		return copyRows(s.genres, all, out)
	case MediaType:
		return copyRows(s.mediaTypes, all, out)
	case Employee:
		return copyRows(s.employees, all, out)
	case Artist:
		return copyRows(s.artists, own, out)
	case Album:
		return copyRows(s.albums, own, out)
	case Track:
		return copyRows(s.tracks, own, out)
	case Playlist:
		return copyRows(s.playlists, own, out)
	case PlaylistTrack:
		return copyRows(s.playlistTracks, own, out)
	case Customer:
		return copyRows(s.customers, own, out)
	case Invoice:
		return copyRows(s.invoices, own, out)
	case InvoiceLine:
		return copyRows(s.invoiceLines, own, out)
	}
	return fmt.Errorf("unknown table %d", t)
}

// copyRows writes the rows that belong to a shard.
func copyRows[R any, P keyed[R]](rows []R, own func(shard.ID) bool, out *copyWriter) error {
	for i := range rows {
		if row := P(&rows[i]); own(row.key()) {
			row.copyTo(out)
		}
	}
	return out.failed()
}
