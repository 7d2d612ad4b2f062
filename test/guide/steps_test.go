package guide

import (
	"fmt"
	"os"
	"regexp"
	"strings"
)

// step is something that the guide says to do.
type step struct {
	line int // of the guide
	// lang is the language of the block: sh, graphql, diff, text, or that of a file.
	lang string
	// path is the file that the block is or changes; "" for commands, queries and what they print.
	path string
	text string
	// The text is guide[from:to].
	from, to int
}

var (
	fence   = regexp.MustCompile("(?m)^```(\\w*)\n")
	caption = regexp.MustCompile("\\*\\*`([^`]+)`\\*\\*\\s*$")
)

// steps are the code blocks of a guide. A block below a path in bold is a file, or a change of it.
func steps(guide string) ([]step, error) {
	var out []step
	for at := 0; ; {
		m := fence.FindStringSubmatchIndex(guide[at:])
		if m == nil {
			return out, nil
		}
		s := step{lang: guide[at+m[2] : at+m[3]], from: at + m[1], line: strings.Count(guide[:at+m[0]], "\n") + 1}
		length := strings.Index(guide[s.from:], "```\n")
		if length < 0 {
			return nil, fmt.Errorf("line %d: the block has no end", s.line)
		}
		s.to = s.from + length
		s.text = guide[s.from:s.to]
		if m := caption.FindStringSubmatch(guide[:s.from-len("```\n")-len(s.lang)]); m != nil {
			s.path = m[1]
		}
		out = append(out, s)
		at = s.to + len("```\n")
	}
}

// apply writes the file of a step, or changes it.
func (s step) apply(path string) error {
	if s.lang != "diff" {
		if _, err := os.Stat(path); err == nil {
			return fmt.Errorf("line %d: %s exists already", s.line, s.path)
		}
		return os.WriteFile(path, []byte(s.text), 0o600)
	}
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var before, after strings.Builder
	for line := range strings.Lines(s.text) {
		switch line[0] {
		case '-':
			before.WriteString(line[1:])
		case '+':
			after.WriteString(line[1:])
		case ' ':
			before.WriteString(line[1:])
			after.WriteString(line[1:])
		default:
			return fmt.Errorf("line %d: %q is no line of a diff", s.line, line)
		}
	}
	if n := strings.Count(string(old), before.String()); n != 1 {
		return fmt.Errorf("line %d: %s holds what is to be changed %d times:\n%s", s.line, s.path, n, before.String())
	}
	return os.WriteFile(path, []byte(strings.Replace(string(old), before.String(), after.String(), 1)), 0o600)
}
