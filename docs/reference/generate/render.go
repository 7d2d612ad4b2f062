package main

import (
	"bytes"
	"fmt"
	"strings"
)

const introduction = `<!-- Generated from the struct Config (config*.go) by go generate. Do not edit. -->

# Configuration

Each setting is a flag and an environment variable: ` + "`BACKLINE_`" + ` and the flag's name in capitals. The flag wins.
An empty variable is not set. An unknown variable that begins with ` + "`BACKLINE_`" + ` stops the start, and so does a
value that is not allowed, with a message that says what is. Sizes are bytes, ` + "`64KiB`" + ` or ` + "`5MiB`" + `; durations are
` + "`500ms`, `3s` or `1h`" + `; several values have commas between them; a switch is ` + "`--name`, `--name=false`" + `, or a
variable with ` + "`true` or `false`" + `.

` + "`backline --help`" + ` prints the same. [Security](../guides/security.md) says what to set in production.
`

// render writes the document.
func render(areas []area) []byte {
	var b bytes.Buffer
	b.WriteString(introduction)
	for _, a := range areas {
		fmt.Fprintf(&b, "\n## %s\n\n| Flag | Variable | Default | Meaning |\n|---|---|---|---|\n", a.name)
		for _, s := range a.settings {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", code(s.flagText()), code(s.variable()), code(s.defaultText()), cell(s.help))
		}
	}
	return b.Bytes()
}

func (s setting) flagText() string {
	if s.placeholder == "" {
		return "--" + s.flag
	}
	return "--" + s.flag + "=" + s.placeholder
}

func (s setting) variable() string {
	if !s.hasVariable {
		return ""
	}
	return "BACKLINE_" + strings.ToUpper(strings.ReplaceAll(s.flag, "-", "_"))
}

func (s setting) defaultText() string {
	if s.isSwitch && s.initial == "" {
		return "false"
	}
	return s.initial
}

// code is text as it is typed; nothing stays nothing.
func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + cell(text) + "`"
}

// cell keeps a text inside its cell.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
