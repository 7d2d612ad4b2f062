package seed

import (
	"cmp"
	"slices"

	"backline/store/shard"
)

// identities gives the rows of a script their ids, and checks that whatever a row refers to is
// there.
type identities struct {
	lines [tableCount][]int
	ids   [tableCount]map[shard.ID]shard.ID // by the script's key
	// err is the error in the earliest line so far.
	err     error
	errLine int
}

// put turns the script's key of row i into its id.
func (d *identities) put(t Table, i int, id *shard.ID, b shard.Bucket) {
	key := *id
	var err error
	if *id, err = shard.Imported(int64(key), b); err != nil {
		d.fail(d.lines[t][i], "%s %d: %v", t, key, err)
	}
	if d.ids[t] == nil {
		d.ids[t] = map[shard.ID]shard.ID{}
	}
	d.ids[t][key] = *id
}

// putRoot is put for rows that are spread by their own key.
func (d *identities) putRoot(t Table, i int, id *shard.ID) {
	d.put(t, i, id, shard.BucketOf(int64(*id)))
}

// refer turns the key that row i of a table refers to into the id of that row; 0 stays 0.
func (d *identities) refer(t Table, i int, to Table, key *shard.ID) {
	if *key == 0 {
		return
	}
	id, ok := d.ids[to][*key]
	if !ok {
		d.fail(d.lines[t][i], "%s refers to %s %d, which the script does not have", t, to, *key)
		return
	}
	*key = id
}

func (d *identities) fail(line int, format string, args ...any) {
	if d.err == nil || line < d.errLine {
		d.err, d.errLine = errorAt(line, format, args...), line
	}
}

// resolve gives all rows their ids. Roots are spread by their own key; what hangs on them takes
// their bucket.
func (r *scriptReader) resolve() error {
	d := &identities{lines: r.lines}
	r.resolveReferences(d)
	r.resolveCatalogue(d)
	r.resolveSales(d)
	if d.err != nil {
		return d.err
	}
	r.script.sort()
	return nil
}

func (r *scriptReader) resolveReferences(d *identities) {
	s := &r.script
	for i := range s.genres {
		d.put(Genre, i, &s.genres[i].id, 0)
	}
	for i := range s.mediaTypes {
		d.put(MediaType, i, &s.mediaTypes[i].id, 0)
	}
	for i := range s.employees {
		d.put(Employee, i, &s.employees[i].id, 0)
	}
	for i := range s.employees {
		d.refer(Employee, i, Employee, &s.employees[i].reportsTo)
	}
}

func (r *scriptReader) resolveCatalogue(d *identities) {
	s := &r.script
	for i := range s.artists {
		d.putRoot(Artist, i, &s.artists[i].id)
	}
	for i := range s.albums {
		row := &s.albums[i]
		d.refer(Album, i, Artist, &row.artistID)
		d.put(Album, i, &row.id, row.artistID.Bucket())
	}
	for i := range s.tracks {
		row := &s.tracks[i]
		d.refer(Track, i, Album, &row.albumID)
		d.refer(Track, i, MediaType, &row.mediaTypeID)
		d.refer(Track, i, Genre, &row.genreID)
		if row.albumID == 0 { // a track without an album has nobody to lie beside
			d.putRoot(Track, i, &row.id)
			continue
		}
		d.put(Track, i, &row.id, row.albumID.Bucket())
	}
	positions := map[shard.ID]int32{}
	for i := range s.playlists {
		d.putRoot(Playlist, i, &s.playlists[i].id)
	}
	for i := range s.playlistTracks {
		row := &s.playlistTracks[i]
		d.refer(PlaylistTrack, i, Playlist, &row.playlistID)
		d.refer(PlaylistTrack, i, Track, &row.trackID)
		positions[row.playlistID]++
		row.position = positions[row.playlistID]
	}
}

func (r *scriptReader) resolveSales(d *identities) {
	s := &r.script
	for i := range s.customers {
		d.refer(Customer, i, Employee, &s.customers[i].supportRepID)
		d.putRoot(Customer, i, &s.customers[i].id)
	}
	for i := range s.invoices {
		row := &s.invoices[i]
		d.refer(Invoice, i, Customer, &row.customerID)
		d.put(Invoice, i, &row.id, row.customerID.Bucket())
	}
	for i := range s.invoiceLines {
		row := &s.invoiceLines[i]
		d.refer(InvoiceLine, i, Invoice, &row.invoiceID)
		d.refer(InvoiceLine, i, Track, &row.trackID)
		d.put(InvoiceLine, i, &row.id, row.invoiceID.Bucket())
	}
}

// sort brings the rows into the order of their keys, whatever order the script had.
func (s *Script) sort() {
	sortRows(s.genres)
	sortRows(s.mediaTypes)
	sortRows(s.employees)
	sortRows(s.artists)
	sortRows(s.albums)
	sortRows(s.tracks)
	sortRows(s.playlists)
	sortRows(s.playlistTracks)
	sortRows(s.customers)
	sortRows(s.invoices)
	sortRows(s.invoiceLines)
}

func sortRows[R any, P keyed[R]](rows []R) {
	slices.SortStableFunc(rows, func(a, b R) int { return cmp.Compare(P(&a).key(), P(&b).key()) })
}
