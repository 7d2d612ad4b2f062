package seed

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// value is what an INSERT gives a column: a literal, with its sign if it has one.
type value struct {
	token
	null     bool
	negative bool
}

// tuple is one row of an INSERT.
type tuple struct {
	table string
	// columns as the INSERT names them, as many as values.
	columns []string
	values  []value
	line    int // that the row begins on
}

// parseScript reads the INSERT statements of a script and hands over their rows, one at a time; the
// tuple is reused. Statements that define the database, and psql's commands, are passed over.
// Statements that would change the rows in other ways are an error.
func parseScript(in io.Reader, row func(*tuple) error) error {
	p := &parser{lexer: newLexer(in), row: row}
	for {
		t, err := p.next()
		if err != nil {
			return err
		}
		switch {
		case t.kind == tokenEnd:
			return nil
		case t.kind == tokenMeta || t.is(";"):
			continue
		case t.kind == tokenWord && t.text == "insert":
			err = p.insert(t)
		case t.kind == tokenWord && slices.Contains(definitions, t.text):
			err = p.skip(t)
		default:
			err = errorAt(t.line, "a statement that begins with %s: only INSERT and the definitions around it (%s) are understood",
				t, strings.ToUpper(strings.Join(definitions, ", ")))
		}
		if err != nil {
			return err
		}
	}
}

// definitions are the first words of statements that are passed over: the tables are the
// migrations', and the seed has transactions of its own.
var definitions = []string{"create", "alter", "drop", "comment", "set", "begin", "start", "commit", "grant", "analyze"}

type parser struct {
	*lexer
	row   func(*tuple) error
	tuple tuple
}

// skip passes over a statement.
func (p *parser) skip(first token) error {
	for {
		t, err := p.next()
		if err != nil {
			return err
		}
		if t.is(";") {
			return nil
		}
		if t.kind == tokenEnd {
			return errorAt(first.line, "the statement that begins here has no end: the file seems to be cut off")
		}
	}
}

// expect reads one token that must be a given symbol or keyword.
func (p *parser) expect(what string) (token, error) {
	t, err := p.next()
	if err != nil {
		return t, err
	}
	if (t.kind == tokenSymbol || t.kind == tokenWord) && t.text == what {
		return t, nil
	}
	return t, unexpected(t, strings.ToUpper(what))
}

func unexpected(t token, want string) error {
	if t.kind == tokenEnd {
		return errorAt(t.line, "the file ends where %s is expected: it seems to be cut off", want)
	}
	return errorAt(t.line, "%s where %s is expected", t, want)
}

func (p *parser) name(what string) (token, error) {
	t, err := p.next()
	if err != nil {
		return t, err
	}
	if t.kind != tokenWord && t.kind != tokenName {
		return t, unexpected(t, what)
	}
	return t, nil
}

// insert reads `INSERT INTO table (columns) VALUES (…), (…);`.
func (p *parser) insert(first token) error {
	if _, err := p.expect("into"); err != nil {
		return err
	}
	table, err := p.name("the name of a table")
	if err != nil {
		return err
	}
	p.tuple = tuple{table: table.text, columns: p.tuple.columns[:0], values: p.tuple.values[:0], line: first.line}
	if _, err := p.expect("("); err != nil {
		return fmt.Errorf("%w (an INSERT must name its columns)", err)
	}
	for more := true; more; {
		column, err := p.name("the name of a column")
		if err != nil {
			return err
		}
		p.tuple.columns = append(p.tuple.columns, column.text)
		if more, err = p.more(); err != nil {
			return err
		}
	}
	if _, err := p.expect("values"); err != nil {
		return err
	}
	for {
		if err := p.values(); err != nil {
			return err
		}
		t, err := p.next()
		switch {
		case err != nil:
			return err
		case t.is(";"):
			return nil
		case !t.is(","):
			return unexpected(t, ", or ;")
		}
	}
}

// more reads the comma or the parenthesis after an element of a list.
func (p *parser) more() (bool, error) {
	t, err := p.next()
	switch {
	case err != nil:
		return false, err
	case t.is(","):
		return true, nil
	case t.is(")"):
		return false, nil
	}
	return false, unexpected(t, ", or )")
}

// values reads one row and hands it over.
func (p *parser) values() error {
	open, err := p.expect("(")
	if err != nil {
		return err
	}
	p.tuple.line, p.tuple.values = open.line, p.tuple.values[:0]
	for more := true; more; {
		v, err := p.value()
		if err != nil {
			return err
		}
		p.tuple.values = append(p.tuple.values, v)
		if more, err = p.more(); err != nil {
			return err
		}
	}
	if got, want := len(p.tuple.values), len(p.tuple.columns); got != want {
		return errorAt(open.line, "a row of %d values for %d columns", got, want)
	}
	return p.row(&p.tuple)
}

func (p *parser) value() (value, error) {
	t, err := p.next()
	if err != nil {
		return value{}, err
	}
	v := value{token: t}
	if t.is("-") || t.is("+") {
		v.negative = t.text == "-"
		if v.token, err = p.next(); err != nil {
			return value{}, err
		}
		if v.kind != tokenNumber {
			return value{}, unexpected(v.token, "a number")
		}
		return v, nil
	}
	switch {
	case t.kind == tokenWord && t.text == "null":
		v.null = true
	case t.kind != tokenNumber && t.kind != tokenString:
		return value{}, unexpected(t, "a number, a text or NULL")
	}
	return v, nil
}
