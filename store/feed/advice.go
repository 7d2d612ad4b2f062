package feed

// AdviceKind is what makes a feed less than exact, or a danger.
type AdviceKind string

// The kinds.
const (
	// NoTable: a table of Config.Tables is not there, so nothing is known of its rows.
	NoTable AdviceKind = "no_table"
	// NotATable: it is a view or the like, so nothing is known of its rows.
	NotATable AdviceKind = "not_a_table"
	// OldValues: updates and deletes do not tell what Advice.Columns were before.
	OldValues AdviceKind = "old_values"
	// Unbounded: WAL for a feed that nobody reads can fill the disk.
	Unbounded AdviceKind = "unbounded"
)

// Advice is something that an operator should change.
type Advice struct {
	Kind AdviceKind
	// Table is the one of Config.Tables that it is about, "" for none.
	Table string
	// Columns are those that are not told.
	Columns []string
	// Text is a sentence for operators.
	Text string
}

// IsDeaf says that no change of the table is heard.
func (a Advice) IsDeaf() bool { return a.Kind == NoTable || a.Kind == NotATable }

func (a Advice) String() string { return a.Text }
