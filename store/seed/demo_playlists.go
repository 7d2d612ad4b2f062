package seed

import (
	"fmt"

	"backline/store/shard"
)

// playlist is a playlist's name and how many entries it has.
type playlist struct {
	name    string
	entries int32
	random  random // for the entries
}

// playlist makes up playlist n. Every sixteenth is empty, a few are long.
func (d *demo) playlist(n int64) playlist {
	r := newRandom(ofPlaylist, n)
	size := [...][2]int{{11, 60}, {1, 10}, {61, 150}, {0, 0}, {200, 400}}[r.weighted([]int{60, 20, 10, 6, 4})]
	switch n { // so that a small catalogue has an empty and a long one
	case 2:
		size = [2]int{0, 0}
	case 3:
		size = [2]int{250, 250}
	}
	p := playlist{entries: int32(min(int64(r.between(size[0], size[1])), d.tracks))}
	switch at := r.below(100); {
	case at < 25:
		p.name = listNames[spread(n, len(listNames))]
	case at < 50:
		p.name = moods[spread(n, len(moods))]
	case at < 65:
		p.name = genreNames[spread(n, len(genreNames))] + " Essentials"
	case at < 80:
		p.name = newPerson(&r).first + "’s " + pick(&r, moods)
	case at < 90:
		p.name = fmt.Sprintf("%s %d", pick(&r, moods), r.between(1999, 2025))
	default:
		p.name = pick(&r, adjectives) + " " + plural(pick(&r, nouns))
	}
	p.random = r
	return p
}

func (d *demo) writePlaylists(owns func(shard.Bucket) bool, out *copyWriter) {
	for n, b := range numbers(d.playlists, owns, out) {
		(&rootRow{identity(n, b), d.playlist(n).name}).copyTo(out)
	}
}

// writeEntries steps through all tracks with a stride that is coprime to their number, so that a
// playlist names none of them twice.
func (d *demo) writeEntries(owns func(shard.Bucket) bool, out *copyWriter) {
	for n, b := range numbers(d.playlists, owns, out) {
		p := d.playlist(n)
		tracks := uint64(d.tracks)
		at, stride := p.random.next()%tracks, p.random.next()%tracks|1
		for gcd(stride, tracks) != 1 {
			stride += 2
		}
		for position := int32(1); position <= p.entries; position++ {
			(&playlistTrackRow{identity(n, b), d.trackID(int64(at) + 1), position}).copyTo(out)
			at = (at + stride) % tracks
		}
	}
}
