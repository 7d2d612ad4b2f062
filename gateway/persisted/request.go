package persisted

import (
	"encoding/json"
	"errors"
	"strconv"
)

// Request is what a request says about its document.
type Request struct {
	Text string // "": it sends none
	ID   string // "": it names none
}

var (
	errTwice      = errors.New("name the document once: in documentId or in extensions.persistedQuery")
	errObject     = errors.New("extensions.persistedQuery must be an object")
	errVersion    = errors.New("extensions.persistedQuery.version must be 1")
	errHashType   = errors.New("extensions.persistedQuery.sha256Hash must be a string")
	errHashLength = errors.New("extensions.persistedQuery.sha256Hash must have 1 to " + strconv.Itoa(maxID) + " bytes")
)

// NewRequest reads what a request says about its document: the text, documentId, and the extensions,
// in which Apollo's protocol has it. The error is what is wrong, in words for the client.
func NewRequest(text, documentID string, extensions map[string]any) (Request, error) {
	r := Request{Text: text, ID: documentID}
	if documentID != "" {
		if err := CheckID(documentID); err != nil {
			return r, errors.New("documentId " + err.Error())
		}
	}
	member, there := extensions["persistedQuery"]
	if !there || member == nil {
		return r, nil
	}
	hash, err := apolloHash(member)
	switch {
	case err != nil:
		return r, err
	case documentID != "":
		return r, errTwice
	}
	r.ID = hash
	return r, nil
}

// apolloHash reads {"version": 1, "sha256Hash": "…"}. The hash may be another id, since Apollo's client
// sends whatever the manifest calls a document.
func apolloHash(member any) (string, error) {
	object, ok := member.(map[string]any)
	if !ok {
		return "", errObject
	}
	if !isOne(object["version"]) {
		return "", errVersion
	}
	hash, ok := object["sha256Hash"].(string)
	switch {
	case !ok:
		return "", errHashType
	case hash == "" || len(hash) > maxID:
		return "", errHashLength
	}
	return hash, nil
}

// isOne is whether a JSON value is the number 1.
func isOne(v any) bool {
	switch n := v.(type) {
	case json.Number:
		return n == "1"
	case float64:
		return n == 1
	}
	return false
}
