package privacy

import (
	"slices"
	"strings"
	"time"

	"backline/test/fleet"
)

// caches are the settings that keep something.
var caches = [][]string{{"--cache=entities"}, {"--cache=fields"}, {"--cache=fields", "--cache-subtrees"}}

// forHours makes a server that keeps for an hour what the schema keeps for a second: nothing goes away
// because its time is over, so whatever is current has been invalidated.
var forHours = fleet.Edit{
	File: "loaders/spaces.go",
	Old:  "time.Duration(n) * time.Second",
	New:  "time.Duration(n) * time.Hour",
}

// forEverybody makes one that keeps what is one viewer's for all that have signed in.
var forEverybody = fleet.Edit{
	File: "loaders/fieldcache/round.go",
	Old:  "viewer = r.session.viewer",
	New:  `viewer = r.session.viewer[:min(1, len(r.session.viewer))]`,
}

// untilTold is how long the feed may take on a machine that does much else.
const untilTold = 2 * time.Minute

// everybodys are the types whose rows are for everybody.
var everybodys = []string{"Artist", "Album", "Track", "Genre", "MediaType", "Playlist"}

// isPrivate says whether a key in Redis is of a space that is kept for each viewer by itself, and is one
// of one viewer: backline:cache:SCHEMA:SPACE:ID:VARIANT.
func isPrivate(key string) bool {
	words := strings.Split(key, ":")
	if len(words) < 6 {
		return false
	}
	typ, _, _ := strings.Cut(words[3], ".")
	return !slices.Contains(everybodys, typ) && words[3] != "Query.search"
}
