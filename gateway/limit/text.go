package limit

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/lexer"
)

// Text checks a document that has not been parsed: its bytes, then its tokens. A text that is not
// GraphQL passes if it is short enough, for the parser knows better what is wrong with it. The
// limits must have their defaults.
func (l Limits) Text(document string) error {
	if n := len(document); n > l.DocumentBytes {
		return exceeded(CodeDocumentBytes, "the document has", n, "bytes", l.DocumentBytes)
	}
	if len(document) <= l.Tokens { // a token has at least one byte
		return nil
	}
	n := 0
	for lex := lexer.New(&ast.Source{Input: document}); ; {
		token, err := lex.ReadToken()
		if err != nil || token.Kind == lexer.EOF {
			return nil //nolint:nilerr // the parser will find it
		}
		if token.Kind == lexer.Comment {
			continue
		}
		if n++; n > l.Tokens {
			return &Error{CodeTokens, exceeded(CodeTokens, "the document has", n, "tokens or more", l.Tokens).Error()}
		}
	}
}
