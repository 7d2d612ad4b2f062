package privacy

import (
	"slices"
	"strings"
	"time"

	"backline/test/fleet"
)

// caches are the settings that keep something; the last one keeps all that there is.
var caches = [][]string{{"--cache=entities"}, {"--cache=fields"}, {"--cache=fields", "--cache-subtrees"}}

// places are on how many shards each is tried: how rows lie makes other statements, and the same keys.
var places = []struct {
	shards int
	cache  []string
}{{4, caches[0]}, {4, caches[1]}, {1, caches[2]}, {4, caches[2]}}

// forHours makes a server that keeps for an hour what the schema keeps for a second: nothing goes away
// because its time is over, so whatever is current has been invalidated.
var forHours = fleet.Edit{
	File: "loaders/spaces.go",
	Old:  "time.Duration(n) * time.Second",
	New:  "time.Duration(n) * time.Hour",
}

// leakSwitch names the leak of a server that is built with leaking.
const leakSwitch = "BACKLINE_TEST_LEAK"

// leaks are what such a server does wrong.
var leaks = map[string]string{
	"values": "what is one viewer's is kept for all that have signed in",
	"bytes":  "whole answers are kept, whoever they are for",
}

// leaking makes a server that leaks what its environment says: one build for all tests.
var leaking = []fleet.Edit{
	{File: "loaders/fieldcache/round.go", Old: "import (\n", New: "import (\n\t\"os\"\n"},
	{
		File: "loaders/fieldcache/round.go",
		Old:  "viewer = r.session.viewer\n",
		New:  "viewer = r.session.viewer\n\t\t\tif os.Getenv(\"" + leakSwitch + "\") == \"values\" {\n\t\t\t\tviewer = viewer[:min(1, len(viewer))]\n\t\t\t}\n",
	},
	{File: "loaders/fieldcache/subtree.go", Old: "import (\n", New: "import (\n\t\"os\"\n"},
	{
		File: "loaders/fieldcache/subtree.go",
		Old:  "s.policy.Scope != Public ||",
		New:  `s.policy.Scope != Public && os.Getenv("` + leakSwitch + `") != "bytes" ||`,
	},
}

// untilTold is how long the feed may take on a machine that does much else.
const untilTold = 5 * time.Minute

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
