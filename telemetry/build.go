package telemetry

import (
	"cmp"
	"runtime"
	"runtime/debug"
)

// build says what is running.
type build struct{ version, revision, goVersion string }

func readBuild(version string) build {
	b := build{version: version, revision: "unknown", goVersion: runtime.Version()}
	if info, ok := debug.ReadBuildInfo(); ok {
		b.version = cmp.Or(b.version, info.Main.Version)
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				b.revision = s.Value
			}
		}
	}
	b.version = cmp.Or(b.version, "unknown")
	return b
}
