package rows_test

import (
	"regexp"
	"testing"

	"backline/graph/codegen/codegentest"
	"backline/graph/codegen/entity"
	"backline/graph/codegen/rows"
)

func TestFiles(t *testing.T) {
	t.Parallel()
	files, err := rows.Files(codegentest.Library(t, "../../.."))
	if err != nil {
		t.Fatal(err)
	}
	codegentest.Goldens(t, files)
}

// TestLayoutTellsOwners: a release that lets fewer people see the rows that a field reads does not find
// what one has kept that let more.
func TestLayoutTellsOwners(t *testing.T) {
	t.Parallel()
	read := &entity.Entity{Name: "Loan", Table: "loan", Policy: &entity.Policy{}}
	m := codegentest.Library(t, "../../..")
	m.Computed = append(m.Computed, &entity.Computed{Path: "Query.late", Cached: &entity.Cached{TTL: 60, Private: true}, Reads: []*entity.Entity{read}})
	layout := func() string {
		t.Helper()
		files, err := rows.Files(m)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if found := regexp.MustCompile(`CacheLayout = "(\w+)"`).FindSubmatch(f.Text); found != nil {
				return string(found[1])
			}
		}
		t.Fatal("there is no layout")
		return ""
	}
	before := layout()
	if again := layout(); again != before {
		t.Errorf("the same layout is %s and %s", before, again)
	}
	read.Policy.Owners = append(read.Policy.Owners, &entity.Owner{Scopes: [][]string{{"loans"}}})
	if after := layout(); after == before {
		t.Error("rows that are not everybody's any more are kept as before")
	}
}
