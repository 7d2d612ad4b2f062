// Package object reads JSON objects strictly: the claims of a token, a manifest of documents. What two
// readers could take for two different things, of which one decides and the other one acts, is an error.
//
// It knows nothing of what the members mean. The bodies of requests have a reader of their own (the
// gateway's), which makes values on the way and stands on each request's path.
package object

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// Member is a name of an object with its value, as it stands there.
type Member struct {
	Name  string
	Value json.RawMessage
}

// ErrNotObject is wrapped by the errors of what is no object, or not only one.
var ErrNotObject = errors.New("is not a JSON object")

// TwiceError says that a name comes twice: encoding/json would take the last.
type TwiceError struct{ Name string }

func (e *TwiceError) Error() string { return fmt.Sprintf("has the name %q twice", e.Name) }

// TooManyError says that there are more members than the caller wants.
type TooManyError struct{ Most int }

func (e *TooManyError) Error() string { return fmt.Sprintf("has more than %d members", e.Most) }

// Members are those of the object that text consists of, in its order, and at most so many. Their names are
// as they stand there, without the folding of case that encoding/json does for structs. The error is
// a *TwiceError, a *TooManyError, or wraps ErrNotObject.
func Members(text []byte, most int) ([]Member, error) {
	if !utf8.Valid(text) { // encoding/json would replace what is not
		return nil, fmt.Errorf("%w: it is not UTF-8", ErrNotObject)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, ErrNotObject
	}
	var members []Member
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNotObject, err)
		}
		name := token.(string) // what stands where names do is one, or an error
		switch {
		case seen[name]:
			return nil, &TwiceError{name}
		case len(members) == most:
			return nil, &TooManyError{most}
		}
		seen[name] = true
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNotObject, err)
		}
		members = append(members, Member{name, value})
	}
	if _, err := d.Token(); err != nil { // the closing brace
		return nil, fmt.Errorf("%w: %w", ErrNotObject, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: it goes on after it", ErrNotObject)
	}
	return members, nil
}
