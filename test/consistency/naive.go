package main

import (
	"fmt"
	"slices"
	"strings"

	"backline/test/fleet"
)

// naives are what a server can be made to leave out, each of which a run must find out.
var naives = map[string]string{
	"leases":   "fill Redis with whatever has been loaded, whoever has invalidated it meanwhile: a cache of GET, SET and DEL",
	"pages":    "tell nobody that the albums of an artist have changed",
	"local":    "keep in the process what the stream of invalidations names",
	"subtrees": "give out answers whatever has been named of what they are made of",
}

// naiveSwitch names what a naive server leaves out, of those that are built with naiveEdits.
const naiveSwitch = "BACKLINE_TEST_NAIVE"

// naiveEdits make a server that leaves out what its environment says: one build for all.
var naiveEdits = []fleet.Edit{
	{
		File: "loaders/fieldcache/scripts.go",
		Old:  "package fieldcache\n",
		New: `package fieldcache

import (
	"os"
	"strings"
)

var naive = os.Getenv("` + naiveSwitch + `")

func fillOrNaive() string {
	if naive != "leases" {
		return fillScript
	}
	text := strings.Replace(fillScript, "if not v then", "if value ~= '' then redis.call('SET', key, value, 'PX', ARGV[3 * i]); out[i] = 1\n  elseif not v then", 1)
	if text == fillScript {
		panic("the script is another one")
	}
	return text
}
`,
	},
	{File: "loaders/fieldcache/remote.go", Old: "p, fillScript, keys", New: "p, fillOrNaive(), keys"},
	{File: "loaders/fieldcache/tail.go", Old: "\tt.cache.forget(refs)\n", New: "\tif naive != \"local\" {\n\t\tt.cache.forget(refs)\n\t}\n"},
	{File: "loaders/fieldcache/heard.go", Old: "at != 0 && at == h.count.Load()", New: `naive == "subtrees" || at != 0 && at == h.count.Load()`},
	{File: "changes.go", Old: "import (\n", New: "import (\n\t\"os\"\n"},
	{
		File: "changes.go",
		Old:  ".Touches {\n",
		New:  ".Touches {\n\t\t\tif os.Getenv(\"" + naiveSwitch + "\") == \"pages\" && t.Space == \"Artist.albums\" {\n\t\t\t\tcontinue\n\t\t\t}\n",
	},
}

func sayNaives() string {
	names := make([]string, 0, len(naives))
	for name, what := range naives {
		names = append(names, fmt.Sprintf("%s (%s)", name, what))
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
