package seed

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// tokenKind is what a token of an SQL script is.
type tokenKind int

const (
	tokenEnd    tokenKind = iota // of the file
	tokenWord                    // a keyword or a name, in lower case as Postgres folds it
	tokenName                    // a name in double quotes, as it stands
	tokenString                  // '…' or N'…', without quotes
	tokenNumber                  // digits with at most one point, without sign
	tokenSymbol                  // any other single character
	tokenMeta                    // a psql command: the rest of its line
)

// token is one token and the line that it begins on, counted from 1.
type token struct {
	kind tokenKind
	text string
	line int
}

func (t token) is(symbol string) bool { return t.kind == tokenSymbol && t.text == symbol }

// String names a token in a message.
func (t token) String() string {
	switch t.kind {
	case tokenEnd:
		return "the end of the file"
	case tokenString:
		return "'" + shorten(t.text) + "'"
	case tokenName:
		return `"` + shorten(t.text) + `"`
	default:
		return shorten(t.text)
	}
}

func shorten(s string) string {
	const most = 40
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}

// maxToken is the longest token in bytes; no column of the data set takes a tenth of it.
const maxToken = 1 << 16

// lexer cuts a script into tokens, reading no further than it must.
type lexer struct {
	in   *bufio.Reader
	line int
	text strings.Builder
	// statementStart is set before the first token of a statement, where alone psql commands stand.
	statementStart bool
}

func newLexer(in io.Reader) *lexer {
	return &lexer{in: bufio.NewReaderSize(in, 1<<16), line: 1, statementStart: true}
}

// lineError is an error in a line of the script.
type lineError struct {
	line   int
	reason string
}

func (e *lineError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.reason) }

func errorAt(line int, format string, args ...any) error {
	return &lineError{line, fmt.Sprintf(format, args...)}
}

// read returns the next byte, 0 at the end of the file; a NUL byte is an error before it gets here.
func (l *lexer) read() (byte, error) {
	b, err := l.in.ReadByte()
	switch {
	case errors.Is(err, io.EOF):
		return 0, nil
	case err != nil:
		return 0, fmt.Errorf("read: %w", err)
	case b == 0:
		return 0, errorAt(l.line, "a NUL byte: this is not a text in UTF-8")
	case b == '\n':
		l.line++
	}
	return b, nil
}

// peek looks at the next byte, 0 at the end of the file.
func (l *lexer) peek() byte {
	b, err := l.in.Peek(1)
	if err != nil {
		return 0
	}
	return b[0]
}

// next returns the next token.
func (l *lexer) next() (token, error) {
	for {
		line := l.line
		b, err := l.read()
		if err != nil {
			return token{}, err
		}
		switch {
		case b == 0:
			return token{kind: tokenEnd, line: line}, nil
		case b == ' ', b == '\t', b == '\r', b == '\n', b == '\f', b == '\v':
			continue
		case b == '-' && l.peek() == '-':
			if err := l.skipLine(); err != nil {
				return token{}, err
			}
			continue
		case b == '/' && l.peek() == '*':
			if err := l.skipComment(line); err != nil {
				return token{}, err
			}
			continue
		}
		start := l.statementStart
		l.statementStart = b == ';'
		if b == '\\' && start {
			l.statementStart = true
			return l.meta(line)
		}
		return l.token(b, line)
	}
}

func (l *lexer) token(b byte, line int) (token, error) {
	switch {
	case b == '\'':
		return l.quoted('\'', tokenString, line)
	case b == '"':
		return l.quoted('"', tokenName, line)
	case isWordStart(b):
		if (b == 'N' || b == 'n') && l.peek() == '\'' {
			_, _ = l.read()
			return l.quoted('\'', tokenString, line)
		}
		t, err := l.while(b, tokenWord, line, isWordPart)
		if err == nil && l.peek() == '\'' && len(t.text) == 1 {
			return t, errorAt(line, "strings written %s'…' are not understood: write '…' or N'…'", t.text)
		}
		t.text = strings.ToLower(t.text)
		return t, err
	case isDigit(b), b == '.' && isDigit(l.peek()):
		return l.while(b, tokenNumber, line, isNumberPart)
	case b == '`':
		return token{}, errorAt(line, "a name in backquotes: this is a script for MySQL")
	case b == '[':
		return token{}, errorAt(line, "a name in square brackets: this is a script for SQL Server or SQLite")
	case b == '$':
		return token{}, errorAt(line, "dollar quotes are not understood")
	default:
		return token{tokenSymbol, string(rune(b)), line}, nil
	}
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

func isWordStart(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || b == '_' || b >= utf8.RuneSelf
}

func isWordPart(b byte) bool { return isWordStart(b) || isDigit(b) || b == '$' }

// isNumberPart takes in letters too, so that 1e5 and 0x10 are refused as one number rather than
// read as two tokens.
func isNumberPart(b byte) bool { return isWordPart(b) || b == '.' }

// while reads on as long as the bytes belong to the token.
func (l *lexer) while(first byte, kind tokenKind, line int, part func(byte) bool) (token, error) {
	l.text.Reset()
	for b := first; ; {
		l.text.WriteByte(b)
		if l.text.Len() > maxToken {
			return token{}, errorAt(line, "a token of more than %d bytes", maxToken)
		}
		if !part(l.peek()) {
			return l.finish(kind, line)
		}
		var err error
		if b, err = l.read(); err != nil {
			return token{}, err
		}
	}
}

// quoted reads to the closing quote; a doubled quote stands for itself.
func (l *lexer) quoted(quote byte, kind tokenKind, line int) (token, error) {
	l.text.Reset()
	for {
		b, err := l.read()
		if err != nil {
			return token{}, err
		}
		if b == 0 {
			return token{}, errorAt(line, "the text that begins here has no closing %c", quote)
		}
		if b == quote {
			if l.peek() != quote {
				return l.finish(kind, line)
			}
			if b, err = l.read(); err != nil {
				return token{}, err
			}
		}
		l.text.WriteByte(b)
		if l.text.Len() > maxToken {
			return token{}, errorAt(line, "the text that begins here is longer than %d bytes: is its closing %c missing?", maxToken, quote)
		}
	}
}

func (l *lexer) finish(kind tokenKind, line int) (token, error) {
	text := l.text.String()
	if !utf8.ValidString(text) {
		return token{}, errorAt(line, "%q is not UTF-8", shorten(strings.ToValidUTF8(text, "\uFFFD")))
	}
	return token{kind, text, line}, nil
}

func (l *lexer) meta(line int) (token, error) {
	l.text.Reset()
	for {
		b, err := l.read()
		if err != nil {
			return token{}, err
		}
		if b == 0 || b == '\n' {
			return token{tokenMeta, l.text.String(), line}, nil
		}
		if l.text.Len() < maxToken {
			l.text.WriteByte(b)
		}
	}
}

func (l *lexer) skipLine() error {
	for {
		if b, err := l.read(); err != nil || b == 0 || b == '\n' {
			return err
		}
	}
}

// skipComment skips a block comment, which may hold others; its slash has been read.
func (l *lexer) skipComment(line int) error {
	_, _ = l.read() // the star
	for depth := 1; depth > 0; {
		b, err := l.read()
		if err != nil {
			return err
		}
		switch {
		case b == 0:
			return errorAt(line, "the comment that begins here has no end")
		case b == '*' && l.peek() == '/':
			_, _ = l.read()
			depth--
		case b == '/' && l.peek() == '*':
			_, _ = l.read()
			depth++
		}
	}
	return nil
}
