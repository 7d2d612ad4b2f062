package seed

import (
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgtype"

	"backline/store/shard"
)

// voice is what an artist's albums and tracks have in common.
type voice struct {
	name   string
	tongue *tongue // nil: English
	genre  int     // index of genreNames
	// classical artists play numbered works.
	classical bool
	solo      bool // a person, who writes the music
}

const classical = 14 // index of genreNames

// voice makes up artist n.
func (d *demo) voice(n int64) voice {
	r := newRandom(ofArtist, n)
	v := voice{genre: r.below(len(genreNames) - silentGenres)}
	if r.percent(36) {
		v.tongue = &tongues[r.below(len(tongues))]
	}
	switch at := r.below(100); {
	case v.tongue != nil && at < 75:
		v.name = v.tongue.band(n)
	case at < 30:
		v.name = "The " + adjectives[spread(n, len(adjectives))] + " " + plural(pick(&r, nouns))
	case at < 45:
		v.name = pick(&r, adjectives) + " " + nouns[spread(n, len(nouns))]
	case at < 68:
		p := newPerson(&r)
		v.name, v.solo = p.first+" "+p.last, true
	case at < 74:
		p := newPerson(&r)
		v.name = p.first + " & The " + plural(nouns[spread(n, len(nouns))])
	case at < 82:
		v.name = pick(&r, places) + " " + pick(&r, ensembles)
		v.genre, v.classical = classical, true
	case at < 88:
		p := newPerson(&r)
		v.name, v.solo = fmt.Sprintf(`%s "%s" %s`, p.first, pick(&r, nicknames), p.last), true
	case at < 94:
		v.name = nouns[spread(n, len(nouns))] + strings.ToLower(pick(&r, nouns))
	default:
		v.name = pick(&r, nouns) + "'s " + nouns[spread(n, len(nouns))]
	}
	return v
}

func plural(noun string) string {
	switch {
	case noun == "Wolf":
		return "Wolves"
	case strings.HasSuffix(noun, "s"), strings.HasSuffix(noun, "x"), strings.HasSuffix(noun, "ch"):
		return noun + "es"
	case strings.HasSuffix(noun, "y") && !strings.ContainsRune("aeo", rune(noun[len(noun)-2])):
		return noun[:len(noun)-1] + "ies"
	}
	return noun + "s"
}

func (d *demo) writeArtists(owns func(shard.Bucket) bool, out *copyWriter) {
	for n, b := range numbers(d.artists, owns, out) {
		(&rootRow{identity(n, b), d.voice(n).name}).copyTo(out)
	}
}

func (d *demo) writeAlbums(owns func(shard.Bucket) bool, out *copyWriter) {
	for a, b := range numbers(d.artists, owns, out) {
		v := d.voice(a)
		for k := int64(d.firstAlbum[a-1]); k < int64(d.firstAlbum[a]); k++ {
			(&albumRow{identity(k, b), v.album(k), identity(a, b)}).copyTo(out)
		}
	}
}

// album is the title of album k.
func (v *voice) album(k int64) string {
	r := newRandom(ofAlbum, k)
	r.next() // decides its length
	if v.tongue != nil && r.percent(85) {
		return v.tongue.title(&r)
	}
	if v.classical {
		return pick(&r, places) + " Concert: " + fmt.Sprintf(pick(&r, works), r.between(1, 9))
	}
	switch at := r.below(100); {
	case at < 30:
		return pick(&r, adjectives) + " " + pick(&r, nouns)
	case at < 45:
		return "The " + pick(&r, nouns) + " of " + plural(pick(&r, nouns))
	case at < 57:
		return plural(pick(&r, nouns)) + " & " + plural(pick(&r, nouns))
	case at < 67:
		return "Live in " + pick(&r, places)
	case at < 75:
		return v.name
	case at < 82:
		return `The "` + pick(&r, nouns) + `" Sessions`
	case at < 88:
		return "Songs for the " + pick(&r, adjectives) + " " + pick(&r, nouns)
	case at < 92:
		return fmt.Sprintf("Greatest Hits, Vol. %d", r.between(1, 3))
	case at < 96:
		return fmt.Sprint(r.between(1967, 2025))
	}
	return "Don't " + pick(&r, verbs) + " the " + pick(&r, nouns)
}

func (d *demo) writeTracks(owns func(shard.Bucket) bool, out *copyWriter) {
	for a, b := range numbers(d.artists, owns, out) {
		v := d.voice(a)
		for k := int64(d.firstAlbum[a-1]); k < int64(d.firstAlbum[a]); k++ {
			first, end := d.tracksOf(k, k+1)
			for n := first; n < end; n++ {
				row := v.track(n, int(n-first))
				row.id, row.albumID = identity(n, b), identity(k, b)
				row.copyTo(out)
			}
		}
	}
	for n := d.singles(); n <= d.tracks && out.failed() == nil; n++ {
		if b := shard.BucketOf(n); owns(b) {
			v := d.voice(1 + n%d.artists)
			row := v.track(n, 0)
			row.id = identity(n, b)
			row.copyTo(out)
		}
	}
}

// track makes up track n, number `at` of its album counted from 0, but for its id and album.
func (v *voice) track(n int64, at int) trackRow {
	r := newRandom(ofTrack, n)
	media := r.weighted([]int{55, 20, 12, 9, 4})
	row := trackRow{unitPrice: price(n, media), mediaTypeID: identity(int64(media+1), 0)}
	if !r.percent(3) {
		genre := v.genre
		if r.percent(15) {
			genre = r.below(len(genreNames) - silentGenres)
		}
		row.genreID = identity(int64(genre+1), 0)
	}
	row.name = v.title(&r, at)
	switch {
	case r.percent(22):
	case v.solo && r.percent(70):
		row.composer = text(v.name)
	default:
		row.composer = text(composers(&r))
	}
	seconds := r.between(120, 330)
	switch {
	case v.classical:
		seconds = r.between(180, 1_500)
	case media == video:
		seconds = r.between(1_200, 3_000)
	case r.percent(4):
		seconds = r.between(9, 75)
	}
	row.milliseconds = int32(seconds*1000 + r.below(1000))
	if !r.percent(8) {
		perMilli := [...]int{32, 33, 110, 33, 190}[media]
		row.bytes = pgtype.Int4{Int32: row.milliseconds*int32(perMilli) + int32(r.below(4096)), Valid: true}
	}
	return row
}

// price is what track n costs; a line of an invoice asks for it without making the track.
func price(n int64, media int) cents {
	if media == video {
		return 199
	}
	switch mix(uint64(n)) % 50 {
	case 0:
		return 0
	case 1, 2, 3, 4:
		return 129
	case 5, 6:
		return 69
	}
	return 99
}

// priceOf is the price of track n from its number alone.
func priceOf(n int64) cents {
	r := newRandom(ofTrack, n)
	return price(n, r.weighted([]int{55, 20, 12, 9, 4}))
}

func (v *voice) title(r *random, at int) string {
	switch {
	case r.percent(1):
		return pick(r, oddities)
	case v.classical:
		return fmt.Sprintf(pick(r, works), 1+at/4) + " " + keys[at/4%len(keys)] + ": " +
			[...]string{"I", "II", "III", "IV"}[at%4] + ". " + movements[(at+r.below(2)*4)%len(movements)]
	case v.tongue != nil && r.percent(88):
		return v.tongue.title(r)
	}
	title := v.englishTitle(r)
	if r.percent(8) {
		title += " " + pick(r, remarks)
	}
	return title
}

func (v *voice) englishTitle(r *random) string {
	switch at := r.below(100); {
	case at < 14:
		return pick(r, nouns)
	case at < 36:
		return pick(r, adjectives) + " " + pick(r, nouns)
	case at < 46:
		return pick(r, verbs) + " the " + pick(r, nouns)
	case at < 54:
		return "Don't " + pick(r, verbs) + " My " + pick(r, nouns)
	case at < 62:
		return pick(r, verbs) + " Me " + [...]string{"Again", "Down", "Home", "Slowly", "Tomorrow", "Tonight"}[r.below(6)]
	case at < 70:
		return pick(r, nouns) + " in " + pick(r, places)
	case at < 78:
		return "The " + pick(r, nouns) + " and the " + pick(r, nouns)
	case at < 84:
		return "I'll " + pick(r, verbs) + " You (When the " + pick(r, nouns) + " Is " + pick(r, adjectives) + ")"
	case at < 90:
		return pick(r, nouns) + "'s " + pick(r, nouns)
	case at < 95:
		return "Waiting for " + newPerson(r).first
	case at < 98:
		return pick(r, nouns) + ", Pt. " + [...]string{"1", "2", "3"}[r.below(3)]
	}
	return [...]string{"Intro", "Interlude", "Outro"}[r.below(3)]
}

// composers are one to three people.
func composers(r *random) string {
	var names []string
	for range 1 + r.weighted([]int{60, 30, 10}) {
		p := newPerson(r)
		names = append(names, p.first+" "+p.last)
	}
	return strings.Join(names, ", ")
}

func text(s string) pgtype.Text { return pgtype.Text{String: s, Valid: s != ""} }
