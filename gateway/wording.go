package gateway

import (
	"strings"
	"unicode/utf8"
)

// maxMessage bounds a message that repeats names of a document: a name may be as long as a document.
const maxMessage = 300

// clipped ends a long message early, between two characters.
func clipped(message string) string {
	if len(message) <= maxMessage {
		return message
	}
	end := maxMessage
	for !utf8.RuneStart(message[end]) {
		end--
	}
	return message[:end] + "…"
}

// withoutValues takes the value that a client sent out of what gqlparser says about it. Where it
// stands is told by the location.
func withoutValues(message string) string {
	head, value, ok := strings.Cut(message, " value: ")
	if ok {
		head += " value"
	} else if head, value, ok = strings.Cut(message, ", found "); !ok {
		return message
	}
	if i := strings.LastIndex(value, " Did you mean"); i >= 0 {
		return head + "." + value[i:]
	}
	return head + "."
}

// withoutNumber takes out what gqlparser made of a number that is none of its type: another one than was
// sent.
func withoutNumber(message string) string {
	head, value, ok := strings.Cut(message, "cannot use value ")
	if _, typ, found := strings.Cut(value, " as "); ok && found {
		return head + "cannot use this number as " + typ
	}
	return message
}

// withoutTokens takes strings and comments out of what gqlparser says about a text that is not
// GraphQL.
func withoutTokens(message string) string {
	for _, kind := range []string{"String", "Comment"} {
		if head, _, ok := strings.Cut(message, kind+` "`); ok {
			return clipped(head + kind)
		}
	}
	return clipped(message)
}
