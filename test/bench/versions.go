package main

import (
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
)

// version says which releases a server consists of.
func (b *bench) version(s *server) (string, error) {
	if len(s.packages) > 0 {
		lock, err := os.ReadFile(filepath.Join(b.home, "node", "package-lock.json"))
		if err != nil {
			return "", fmt.Errorf("read the peers' versions: %w", err)
		}
		return packageVersions(lock, s.packages)
	}
	binary := b.binary(s.name)
	switch {
	case s.program != "":
		binary = b.binary(s.program)
	case s.dialect == dialectOfProduct:
		binary = b.product(s.name)
	}
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return "", fmt.Errorf("read the versions in %s: %w", s.name, err)
	}
	var out []string
	for _, want := range s.modules {
		for _, m := range info.Deps {
			if m.Path == want {
				out = append(out, moduleName(m.Path)+" "+m.Version)
			}
		}
	}
	for _, setting := range info.Settings {
		if s.dialect == dialectOfProduct && s.program == "" && setting.Key == "vcs.revision" {
			out = append(out, "revision "+setting.Value)
		}
	}
	return strings.Join(out, ", "), nil
}

var majorSuffix = regexp.MustCompile(`/v\d+$`)

// moduleName is how people call a module: its last part that is no version.
func moduleName(module string) string { return path.Base(majorSuffix.ReplaceAllString(module, "")) }

// machine is what the figures hold for.
func machine() string {
	model := lineOf("/proc/cpuinfo", "model name")
	return fmt.Sprintf("%d × %s, %s, Linux %s", runtime.NumCPU(), model, memory(), said(exec.Command("uname", "-r")))
}

func memory() string {
	kilobytes, err := strconv.Atoi(strings.TrimSuffix(lineOf("/proc/meminfo", "MemTotal"), " kB"))
	if err != nil {
		return "unknown memory"
	}
	return fmt.Sprintf("%.0f GiB of memory", float64(kilobytes)/(1<<20))
}

// lineOf is the value of the first line NAME: VALUE of a file.
func lineOf(file, name string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

func said(c *exec.Cmd) string {
	out, err := c.Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}
