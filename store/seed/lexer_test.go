package seed

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// parse renders the rows of a script as lines "line table column=value …".
func parse(script string) ([]string, error) {
	var rows []string
	err := parseScript(strings.NewReader(script), func(in *tuple) error {
		row := fmt.Sprintf("%d %s", in.line, in.table)
		for i, v := range in.values {
			text := v.token.String()
			if v.null {
				text = "NULL"
			}
			if v.negative {
				text = "-" + text
			}
			row += fmt.Sprintf(" %s=%s", in.columns[i], text)
		}
		rows = append(rows, row)
		return nil
	})
	return rows, err
}

func TestParse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		script string
		want   []string
	}{
		"empty":            {"", nil},
		"one row":          {"INSERT INTO genre (genre_id, name) VALUES (1, 'Rock');", []string{"1 genre genre_id=1 name='Rock'"}},
		"national strings": {"insert into genre (name) values (N'Ré'), (n'x');", []string{"1 genre name='Ré'", "1 genre name='x'"}},
		"doubled quotes":   {"INSERT INTO t (a) VALUES ('It''s'), (''''), ('');", []string{"1 t a='It's'", "1 t a='''", "1 t a=''"}},
		"backslashes":      {`INSERT INTO t (a) VALUES ('a\'), ('\n');`, []string{`1 t a='a\'`, `1 t a='\n'`}},
		"lines": {"\n\nINSERT INTO t\n(a)\nVALUES\n(1),\r\n\n(2\n);", []string{
			"6 t a=1", "8 t a=2"}},
		"text over lines": {"INSERT INTO t (a) VALUES ('x\ny'),\n('z');", []string{"1 t a='x\ny'", "3 t a='z'"}},
		"numbers":         {"INSERT INTO t (a,b,c) VALUES (-1, +2.50, .5);", []string{"1 t a=-1 b=2.50 c=.5"}},
		"null":            {"INSERT INTO t (a) VALUES (NULL), (null);", []string{"1 t a=NULL", "1 t a=NULL"}},
		"folded names":    {`INSERT INTO Genre (Genre_ID, "Name") VALUES (1, 2);`, []string{"1 genre genre_id=1 Name=2"}},
		"comments":        {"-- INSERT (\n/* ; ' /* inner */ \" */ INSERT /*/ x */ INTO t (a) -- yes\nVALUES (1);--", []string{"3 t a=1"}},
		"quote in a definition": {"COMMENT ON TABLE t IS 'a;b''c'; CREATE TABLE \"x;y\" (a INT DEFAULT 1);\nINSERT INTO t (a) VALUES (1);",
			[]string{"2 t a=1"}},
		"psql":         {"\\c chinook;\n\\echo 'it\nINSERT INTO t (a) VALUES (1);\\q", []string{"3 t a=1"}},
		"transactions": {"BEGIN; SET x = 1; INSERT INTO t (a) VALUES (1); COMMIT; ;", []string{"1 t a=1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := parse(c.script)
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("got %q, %v, want %q", got, err, c.want)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	const ok = "INSERT INTO t (a, b)\nVALUES (1, 2)"
	for script, want := range map[string]string{
		ok:                              "line 2: the file ends where , or ; is expected: it seems to be cut off",
		ok + ",":                        "line 2: the file ends where ( is expected",
		ok + ",\n(1":                    "line 3: the file ends where , or ) is expected",
		ok + ",\n(1);":                  "line 3: a row of 1 values for 2 columns",
		ok + ",\n(1,2,3);":              "line 3: a row of 3 values for 2 columns",
		ok + ",\n(1,);":                 "line 3: ) where a number, a text or NULL is expected",
		ok + ",\n(1, now());":           "line 3: now where a number, a text or NULL is expected",
		ok + ",\n(1, - 'x');":           "line 3: 'x' where a number is expected",
		ok + ",\n(1, '2'::int);":        "line 3: : where , or ) is expected",
		ok + " ON CONFLICT DO NOTHING;": "line 2: on where , or ; is expected",
		ok + ",\n(1, 'abc":              "line 3: the text that begins here has no closing '",
		ok + ",\n(1, E'a\\'b');":        "line 3: strings written E'…' are not understood",
		ok + ",\n(1, X'00');":           "line 3: strings written X'…' are not understood",
		ok + ",\n(1, $$a$$);":           "line 3: dollar quotes are not understood",
		ok + ",\n(1, '\xff');":          "line 3: \"\uFFFD\" is not UTF-8",
		ok + ",\n(1, '\x00');":          "line 3: a NUL byte",
		"\n/* never":                    "line 2: the comment that begins here has no end",
		"\nCREATE TABLE t (a":           "line 2: the statement that begins here has no end",
		"\nUPDATE t SET a = 1;":         "line 2: a statement that begins with update: only INSERT and",
		"INSERT INTO t VALUES (1);":     "line 1: values where ( is expected (an INSERT must name its columns)",
		"INSERT INTO t (a) SELECT 1;":   "line 1: select where VALUES is expected",
		"INSERT t (a) VALUES (1);":      "line 1: t where INTO is expected",
		"INSERT INTO 'a' (a)":           "line 1: 'a' where the name of a table is expected",
		"\nDROP TABLE `Album`;":         "line 2: a name in backquotes: this is a script for MySQL",
		"DROP TABLE [Album];":           "line 1: a name in square brackets: this is a script for SQL Server or SQLite",
		"COPY t FROM stdin;":            "line 1: a statement that begins with copy",
		"INSERT INTO t (a) VALUES ('" + strings.Repeat("x", maxToken+1) + "');": "line 1: the text that begins here is longer than",
		strings.Repeat("x", maxToken+1):                                         "line 1: a token of more than",
	} {
		_, err := parse(script)
		var at *lineError
		if err == nil || !strings.HasPrefix(err.Error(), want) || !errors.As(err, &at) {
			t.Errorf("%.80q: got %v, want %s", script, err, want)
		}
	}
}

// errReader is a file that cannot be read to its end.
type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

func TestParsePassesOnReadErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk on fire")
	if err := parseScript(errReader{broken}, nil); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("INSERT INTO genre (genre_id, name) VALUES (1, N'It''s'), (-2.5, NULL); -- x\n/* y */ \\c z\n")
	f.Add("CREATE TABLE \"a\"\"b\" (c INT); insert into t (a,b) values ('\n', .5);")
	f.Add("INSERT INTO t (a) VALUES (E'')")
	f.Fuzz(func(t *testing.T, script string) {
		lines := strings.Count(script, "\n") + 1
		last := 0
		err := parseScript(strings.NewReader(script), func(in *tuple) error {
			if in.line < last || in.line > lines {
				t.Errorf("a row on line %d of %d, after line %d", in.line, lines, last)
			}
			last = in.line
			if len(in.values) != len(in.columns) || len(in.values) == 0 {
				t.Errorf("%d values for %d columns", len(in.values), len(in.columns))
			}
			for _, v := range in.values {
				// What a text says stands in the script, but for doubled quotes.
				if v.kind == tokenString && !strings.Contains(script, strings.ReplaceAll(v.text, "'", "''")) {
					t.Errorf("%q is not in the script", v.text)
				}
			}
			return nil
		})
		var at *lineError
		if err != nil && (!errors.As(err, &at) || at.line < last || at.line > lines) {
			t.Errorf("error %v after line %d of %d", err, last, lines)
		}
		if _, err := ReadChinook("fuzz", strings.NewReader(script)); err == nil && script == "" {
			t.Error("an empty script is accepted")
		}
	})
}
