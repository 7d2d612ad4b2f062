package seed

import (
	"context"
	"fmt"
	"math"

	"backline/store/shard"
)

// demoEdition is raised when the demo catalogue's rows change, so that a seed that an older release
// began is not finished by this one.
const demoEdition = 1

// maxScale keeps the demo's keys within what the tables hold.
const maxScale = 10_000

// DemoOptions say what the demo catalogue is like.
type DemoOptions struct {
	// Scale is its size: 1 is 300 artists, 3,500 tracks, 1,000 customers and 10,000 invoices with
	// about 27,000 lines, 100 a hundred times as many. Above 0, up to 10,000.
	Scale float64
}

// Demo loads a made-up music store. Equal options give equal rows, on every machine and for every
// number of shards; a larger scale adds artists and customers to those of a smaller one.
//
// It is ErrNotEmpty if the shards hold rows already.
func Demo(ctx context.Context, target Target, options DemoOptions, progress Progress) (Report, error) {
	d, err := newDemo(options)
	if err != nil {
		return Report{}, err
	}
	return load(ctx, target, d, progress)
}

// demo is the plan of a demo catalogue: how many rows there are and which belong together. The rows
// themselves are made when they are written, each from its number alone.
type demo struct {
	scale     float64
	artists   int64
	customers int64
	invoices  int64
	playlists int64
	// Albums are numbered artist by artist, tracks album by album; singles come last.
	// firstAlbum[a-1] is the first album of artist a, firstTrack[k-1] the first track of album k;
	// both have one element more, which ends the last.
	firstAlbum []int32
	firstTrack []int32
	tracks     int64
	// trackBuckets holds the bucket of track n at n-1: playlists and invoices point at tracks
	// anywhere.
	trackBuckets []shard.Bucket
	// entries and lines are the rows of playlist_track and invoice_line.
	entries, lines int64
}

func newDemo(o DemoOptions) (*demo, error) {
	if !(o.Scale > 0 && o.Scale <= maxScale) { // this way NaN is refused too
		return nil, fmt.Errorf("the scale of the demo catalogue is above 0 and up to %d, not %v", maxScale, o.Scale)
	}
	scaled := func(n float64) int64 { return max(1, int64(math.Round(n*o.Scale))) }
	d := &demo{
		scale: o.Scale, artists: scaled(300), tracks: scaled(3_500), customers: scaled(1_000),
		invoices: scaled(10_000), playlists: scaled(60),
	}
	d.planAlbums()
	d.planTracks()
	for n := int64(1); n <= d.playlists; n++ {
		d.entries += int64(d.playlist(n).entries)
	}
	for n := int64(1); n <= d.invoices; n++ {
		d.lines += int64(d.linesOf(n))
	}
	return d, nil
}

// albumsPerArtist weighs how many albums an artist has.
var albumsPerArtist = struct{ count, weight []int }{
	[]int{1, 2, 0, 3, 4, 6, 14}, []int{50, 15, 25, 5, 3, 1, 1},
}

func (d *demo) planAlbums() {
	d.firstAlbum = make([]int32, d.artists+1)
	next := int32(1)
	for a := int64(1); a <= d.artists; a++ {
		d.firstAlbum[a-1] = next
		r := newRandom(ofAlbums, a)
		count := albumsPerArtist.count[r.weighted(albumsPerArtist.weight)]
		if a == 1 { // so that even the smallest catalogue has an album
			count = 3
		}
		next += int32(count)
	}
	d.firstAlbum[d.artists] = next
}

// planTracks shares the tracks out between the albums, each of which would like as many as its kind
// has: singles, EPs, albums, double albums. One track of a hundred is on none.
func (d *demo) planTracks() {
	albums := d.albums()
	onAlbums := d.tracks - d.tracks/100
	wishes := make([]int64, albums+1) // added up
	for k := int64(1); k <= albums; k++ {
		r := newRandom(ofAlbum, k)
		kind := [...][2]int{{8, 13}, {4, 6}, {16, 24}, {1, 2}}[r.weighted([]int{60, 20, 10, 10})]
		wishes[k] = wishes[k-1] + int64(r.between(kind[0], kind[1]))
	}
	d.firstTrack = make([]int32, albums+1)
	d.trackBuckets = make([]shard.Bucket, d.tracks)
	for k := range wishes {
		d.firstTrack[k] = int32(1 + onAlbums*wishes[k]/wishes[albums])
	}
	for n := int64(1); n <= d.tracks; n++ {
		d.trackBuckets[n-1] = shard.BucketOf(n)
	}
	for a := int64(1); a <= d.artists; a++ {
		first, end := d.tracksOf(int64(d.firstAlbum[a-1]), int64(d.firstAlbum[a]))
		for n := first; n < end; n++ {
			d.trackBuckets[n-1] = shard.BucketOf(a)
		}
	}
}

// albums is the number of albums.
func (d *demo) albums() int64 { return int64(d.firstAlbum[d.artists]) - 1 }

// tracksOf is the range of tracks of the albums from first to before end.
func (d *demo) tracksOf(first, end int64) (from, before int64) {
	return int64(d.firstTrack[first-1]), int64(d.firstTrack[end-1])
}

// singles is the number of the first track that is on no album.
func (d *demo) singles() int64 { return int64(d.firstTrack[len(d.firstTrack)-1]) }

// identity is the id of row n of a table: never an error, since maxScale keeps n in range.
func identity(n int64, b shard.Bucket) shard.ID {
	id, _ := shard.Imported(n, b)
	return id
}

func (d *demo) trackID(n int64) shard.ID { return identity(n, d.trackBuckets[n-1]) }

func (d *demo) fingerprint() string {
	return fmt.Sprintf("demo edition:%d scale:%v", demoEdition, d.scale)
}

func (d *demo) rows(t Table) int64 {
	return [tableCount]int64{
		Genre: int64(len(genreNames)), MediaType: int64(len(mediaTypeNames)), Employee: int64(len(staff)),
		Artist: d.artists, Album: d.albums(), Track: d.tracks,
		Playlist: d.playlists, PlaylistTrack: d.entries,
		Customer: d.customers, Invoice: d.invoices, InvoiceLine: d.lines,
	}[t]
}

func (d *demo) write(t Table, owns func(shard.Bucket) bool, out *copyWriter) error {
	switch t {
	case Genre:
		writeNames(genreNames, out)
	case MediaType:
		writeNames(mediaTypeNames, out)
	case Employee:
		writeStaff(out)
	case Artist:
		d.writeArtists(owns, out)
	case Album:
		d.writeAlbums(owns, out)
	case Track:
		d.writeTracks(owns, out)
	case Playlist:
		d.writePlaylists(owns, out)
	case PlaylistTrack:
		d.writeEntries(owns, out)
	case Customer:
		d.writeCustomers(owns, out)
	case Invoice:
		d.writeInvoices(owns, out)
	case InvoiceLine:
		d.writeLines(owns, out)
	}
	return out.failed()
}

func writeNames(names []string, out *copyWriter) {
	for i, name := range names {
		(&nameRow{identity(int64(i+1), 0), name}).copyTo(out)
	}
}

// numbers yields 1 to n, as far as out takes rows and where owns has the number's bucket.
func numbers(n int64, owns func(shard.Bucket) bool, out *copyWriter) func(yield func(int64, shard.Bucket) bool) {
	return func(yield func(int64, shard.Bucket) bool) {
		for i := int64(1); i <= n && out.failed() == nil; i++ {
			if b := shard.BucketOf(i); owns(b) && !yield(i, b) {
				return
			}
		}
	}
}
