package rights_test

import (
	"errors"
	"testing"

	"backline/graph/rights"
)

func TestRequire(t *testing.T) {
	t.Parallel()
	staffOrBoth := rights.Scopes{{"staff"}, {"sales", "reports"}}
	for name, c := range map[string]struct {
		viewer        rights.Viewer
		scopes        rights.Scopes
		code, message string
	}{
		"nobody, no scope needed":                  {rights.Viewer{}, nil, "UNAUTHENTICATED", "this is for those who are signed in"},
		"nobody, a scope needed":                   {rights.Viewer{}, staffOrBoth, "UNAUTHENTICATED", "this is for those who are signed in"},
		"scopes without a credential are nobody's": {rights.Viewer{Scopes: []string{"staff"}}, staffOrBoth, "UNAUTHENTICATED", "this is for those who are signed in"},
		"signed in":            {rights.Viewer{Via: rights.ViaToken}, nil, "", ""},
		"no scope":             {rights.Viewer{Via: rights.ViaToken}, staffOrBoth, "FORBIDDEN", "this needs the scope staff, or the scopes sales and reports"},
		"half of a way":        {rights.Viewer{Via: rights.ViaKey, Scopes: []string{"sales"}}, staffOrBoth, "FORBIDDEN", "this needs the scope staff, or the scopes sales and reports"},
		"the first way":        {rights.Viewer{Via: rights.ViaKey, Scopes: []string{"staff"}}, staffOrBoth, "", ""},
		"the whole second way": {rights.Viewer{Via: rights.ViaKey, Scopes: []string{"reports", "sales"}}, staffOrBoth, "", ""},
	} {
		err := c.viewer.Require(c.scopes)
		var refused *rights.Error
		switch {
		case c.code == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.code != "" && (!errors.As(err, &refused) || refused.Code() != c.code || refused.SafeMessage() != c.message):
			t.Errorf("%s: %v, want %s %q", name, err, c.code, c.message)
		}
	}
}

//nolint:paralleltest // AllocsPerRun wants no other tests beside it
func TestPassingAllocatesNothing(t *testing.T) {
	v := &rights.Viewer{Via: rights.ViaToken, Scopes: []string{"admin", "staff"}}
	scopes := rights.Scopes{{"sales"}, {"staff"}}
	if n := testing.AllocsPerRun(100, func() {
		if v.Require(scopes) != nil {
			t.Fatal("refused")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
