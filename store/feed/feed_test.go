package feed

import (
	"testing"
)

func TestChanges(t *testing.T) {
	t.Parallel()
	s := setup(t, 2)
	f, sink := start(t, s.list)
	reading(t, f)
	if got := sink.flushed(); len(got) != 2 {
		t.Errorf("a new feed flushes each shard once; there were %q", got)
	}
	c := connect(t, s.URLs[1])
	for _, sql := range []string{
		"INSERT INTO parent VALUES (1, 'one'), (2, 'two')",
		"INSERT INTO other VALUES (1)",
		"INSERT INTO child VALUES (10, 'a', 1, 5)",
		"UPDATE child SET name = 'b'",             // neither key nor parent
		"UPDATE child SET parent_id = 2",          // another parent
		"UPDATE child SET id = 11",                // another key
		"INSERT INTO note VALUES (20, NULL, 'x')", // a NULL
		"UPDATE note SET parent_id = 1",
		"UPDATE note SET more = 'y'",
		"DELETE FROM note",
		"DELETE FROM child",
		"UPDATE parent SET id = 3 WHERE id = 1",
		"TRUNCATE parent, other",
	} {
		run(t, c, sql)
	}
	sink.waitFor(t,
		"1 parent insert 1",
		"1 parent insert 2",
		"1 child insert 10 1",
		"1 child update 10 1 → 10 1",
		"1 child update 10 1 → 10 2",
		"1 child update 10 2 → 11 2",
		"1 note insert 20 NULL x",
		"1 note update 20 NULL x → 20 1 x",
		"1 note update 20 1 x → 20 1 x",
		"1 note delete 20 1 x",
		"1 child delete 11 2",
		"1 parent update 1 → 3",
		"1 parent truncate",
	)
}
