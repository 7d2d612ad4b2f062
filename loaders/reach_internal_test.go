package loaders

import (
	"testing"

	"backline/graph/rights"
)

// TestViewersWhoShareNothing: what is kept for one viewer is found by nobody whom anything tells apart
// from them.
func TestViewersWhoShareNothing(t *testing.T) {
	t.Parallel()
	viewer := func(change func(v *rights.Viewer)) string {
		v := rights.Viewer{ID: "cus_1", Issuer: "https://id.example.com/", Subject: "ann", Scopes: []string{"a", "b"}, Via: rights.ViaToken}
		change(&v)
		return viewerKey(&v)
	}
	keys := map[string]string{viewer(func(*rights.Viewer) {}): "the viewer"}
	for what, change := range map[string]func(v *rights.Viewer){
		"another row":          func(v *rights.Viewer) { v.ID = "cus_2" },
		"no row":               func(v *rights.Viewer) { v.ID = "" },
		"another issuer":       func(v *rights.Viewer) { v.Issuer = "https://other.example.com/" },
		"another subject":      func(v *rights.Viewer) { v.Subject = "bob" },
		"another way":          func(v *rights.Viewer) { v.Via = rights.ViaKey },
		"fewer scopes":         func(v *rights.Viewer) { v.Scopes = v.Scopes[:1] },
		"a scope of two names": func(v *rights.Viewer) { v.Scopes = []string{`a""b`} },
		"nobody":               func(v *rights.Viewer) { *v = rights.Viewer{} },
	} {
		key := viewer(change)
		if other, ok := keys[key]; ok {
			t.Errorf("%s is taken for %s", what, other)
		}
		keys[key] = what
	}
	if viewerKey(&rights.Viewer{}) != "" {
		t.Error("something is kept for nobody")
	}
}
