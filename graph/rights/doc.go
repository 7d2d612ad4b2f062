// Package rights says who asks, and what they may see.
//
// It owns the viewer: who stands behind a request, and how a context carries them. It must not know
// how they proved it (that is the gateway's), nor rows, documents or HTTP: it stands on the standard
// library alone, so that every other part may ask it. On a query's way the viewer is put into the
// context before the document is read, and asked for wherever a field is not for everybody.
package rights
