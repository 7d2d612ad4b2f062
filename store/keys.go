package store

// Keys are the columns of a table by which a change of one of its rows says what it touches: the row
// itself, and the pages of the parents that it left and entered.
type Keys struct {
	Table string
	// Columns are the id and the ids of parents; of a table of links, those of the two rows.
	Columns []string
}

// ChangeKeys are those of all tables of the schema. A change that tells less (of rows that are
// updated or deleted a table tells the columns of its replica identity) cannot name all pages that
// it makes stale.
func ChangeKeys() []Keys {
	all := make([]Keys, len(schemaTables))
	for i, t := range schemaTables {
		all[i] = t.keys()
	}
	return all
}

func (t *tableInfo) keys() Keys {
	k := Keys{Table: t.name}
	for i, c := range t.columns {
		if i == 0 || c.parent || t.link && i == 1 {
			k.Columns = append(k.Columns, c.name)
		}
	}
	return k
}
