package store

import "time"

// The tables of these tests, unlike any of the product: a root (shelf), a table colocated with it
// (book), a reference table (label) that books name, and links from shelves to books anywhere.

// FamilyShelf is a root.
type FamilyShelf struct {
	ID   ID
	Name string
}

// FamilyBook is colocated with its shelf and has a column of every type, sorted and nullable.
type FamilyBook struct {
	ID      ID
	Title   string
	Pages   int32
	Weight  float64
	Price   Decimal
	Printed time.Time
	ShelfID ID
	LabelID ID // 0 is null

	Signed  bool
	Note    *string
	Copies  *int32
	Rating  *float64
	Rebate  *Decimal
	Lost    *bool
	Lent    *time.Time
	Printer string // in fact an optional text, read as if it were not
}

// FamilyLabel is a row of a reference table.
type FamilyLabel struct {
	ID   ID
	Name string
}

// FamilySQL makes the tables.
const FamilySQL = `
CREATE TABLE shelf (
    id     bigint   NOT NULL CHECK (id > 0),
    bucket smallint NOT NULL CHECK (bucket = (id >> 12) & 1023),
    name   text     COLLATE "C" NOT NULL,
    PRIMARY KEY (id, bucket)
);
CREATE TABLE label (
    id   bigint PRIMARY KEY CHECK (id > 0),
    name text   COLLATE "C" NOT NULL
);
CREATE TABLE book (
    id       bigint           NOT NULL CHECK (id > 0),
    bucket   smallint         NOT NULL CHECK (bucket = (id >> 12) & 1023),
    title    text             COLLATE "C" NOT NULL,
    pages    integer          NOT NULL,
    weight   double precision NOT NULL,
    price    numeric(14,4)    NOT NULL,
    printed  timestamptz      NOT NULL,
    shelf_id bigint           NOT NULL,
    label_id bigint           REFERENCES label (id),
    signed   boolean          NOT NULL,
    note     text,
    copies   integer,
    rating   double precision,
    rebate   numeric,
    lost     boolean,
    lent     timestamptz,
    printer  text,
    PRIMARY KEY (id, bucket),
    FOREIGN KEY (shelf_id, bucket) REFERENCES shelf (id, bucket)
);
CREATE INDEX book_shelf ON book (shelf_id, id);
CREATE INDEX book_label ON book (label_id, id);
CREATE INDEX book_title ON book (title, id);
CREATE TABLE shelf_pick (
    shelf_id bigint   NOT NULL,
    bucket   smallint NOT NULL CHECK (bucket = (shelf_id >> 12) & 1023),
    book_id  bigint   NOT NULL,
    place    integer  NOT NULL,
    PRIMARY KEY (shelf_id, book_id, bucket)
);
CREATE INDEX shelf_pick_place ON shelf_pick (shelf_id, place, book_id);
`

// FamilyTables is what a generator would say of them.
var FamilyTables = []tableInfo{
	{name: "shelf", columns: []columnInfo{
		{name: "id", sqlType: "bigint"}, {name: "name", sqlType: "text", sorted: true},
	}},
	{name: "label", reference: true, columns: []columnInfo{
		{name: "id", sqlType: "bigint"}, {name: "name", sqlType: "text", sorted: true},
	}},
	{name: "book", columns: []columnInfo{
		{name: "id", sqlType: "bigint"}, {name: "title", sqlType: "text", sorted: true},
		{name: "pages", sqlType: "integer", sorted: true}, {name: "weight", sqlType: "double precision", sorted: true},
		{name: "price", sqlType: "numeric", sorted: true}, {name: "printed", sqlType: "timestamp with time zone", sorted: true},
		{name: "shelf_id", sqlType: "bigint"}, {name: "label_id", sqlType: "bigint", nullable: true},
		{name: "signed", sqlType: "boolean"}, {name: "note", sqlType: "text", nullable: true},
		{name: "copies", sqlType: "integer", nullable: true}, {name: "rating", sqlType: "double precision", nullable: true},
		{name: "rebate", sqlType: "numeric", nullable: true}, {name: "lost", sqlType: "boolean", nullable: true},
		{name: "lent", sqlType: "timestamp with time zone", nullable: true}, {name: "printer", sqlType: "text", nullable: true},
	}},
	{name: "shelf_pick", link: true, columns: []columnInfo{
		{name: "shelf_id", sqlType: "bigint"}, {name: "book_id", sqlType: "bigint"},
		{name: "place", sqlType: "integer", sorted: true},
	}},
}

// Family are the tables, lists and orders as a generator would write them. Each test has its own,
// because lists remember statements and sizes.
type Family struct {
	Shelf *Table[FamilyShelf]
	Book  *Table[FamilyBook]
	Label *Table[FamilyLabel]

	Shelves      *List[FamilyShelf]
	Books        *List[FamilyBook] // of all shelves
	BooksByShelf *List[FamilyBook] // colocated
	BooksByLabel *List[FamilyBook] // scattered
	Labels       *List[FamilyLabel]
	Picks        *List[Link]

	ShelfOrder *Order[FamilyShelf]
	LabelOrder *Order[FamilyLabel]
	BookOrders []*Order[FamilyBook]
}

// NewFamily makes them.
func NewFamily() *Family {
	f := &Family{
		Shelf: newTable(&Table[FamilyShelf]{
			Name: "shelf", Loader: "ShelfByID", Columns: []string{"id", "name"},
			Key: func(s *FamilyShelf) ID { return s.ID },
			Decode: func(d *Decoder, s *FamilyShelf, at []uint16, v [][]byte) {
				v = spread(2, at, v)
				s.ID, s.Name = d.ID(v[0]), d.String(v[1])
			},
		}),
		Label: newTable(&Table[FamilyLabel]{
			Name: "label", Loader: "LabelByID", Columns: []string{"id", "name"}, Reference: true,
			Key: func(l *FamilyLabel) ID { return l.ID },
			Decode: func(d *Decoder, l *FamilyLabel, at []uint16, v [][]byte) {
				v = spread(2, at, v)
				l.ID, l.Name = d.ID(v[0]), d.String(v[1])
			},
		}),
		Book: newTable(&Table[FamilyBook]{
			Name: "book", Loader: "BookByID",
			Columns: []string{
				"id", "title", "pages", "weight", "price", "printed", "shelf_id", "label_id",
				"signed", "note", "copies", "rating", "rebate", "lost", "lent", "printer",
			},
			TextColumns: []string{"price", "rebate"},
			Key:         func(b *FamilyBook) ID { return b.ID },
			Decode: func(d *Decoder, b *FamilyBook, at []uint16, v [][]byte) {
				v = spread(16, at, v)
				b.ID, b.Title, b.Pages, b.Weight = d.ID(v[0]), d.String(v[1]), d.Int(v[2]), d.Float(v[3])
				b.Price, b.Printed, b.ShelfID, b.LabelID = d.Decimal(v[4]), d.Time(v[5]), d.ID(v[6]), d.ID(v[7])
				b.Signed, b.Note, b.Copies, b.Rating = d.Bool(v[8]), d.NullString(v[9]), d.NullInt(v[10]), d.NullFloat(v[11])
				b.Rebate, b.Lost, b.Lent, b.Printer = d.NullDecimal(v[12]), d.NullBool(v[13]), d.NullTime(v[14]), d.String(v[15])
			},
		}),
		ShelfOrder: orderByString("NAME", "name", ascending, func(s *FamilyShelf) string { return s.Name }),
		LabelOrder: orderByString("NAME", "name", ascending, func(l *FamilyLabel) string { return l.Name }),
	}
	f.Book.Parent = Parent{"shelf", "shelf_id", f.Shelf}
	f.Shelves = &List[FamilyShelf]{Field: "Query.shelves", Loader: "Shelves", Table: f.Shelf, ID: "id", PageSize: 20}
	f.Labels = &List[FamilyLabel]{Field: "Query.labels", Loader: "Labels", Table: f.Label, ID: "id", PageSize: 20}
	f.Books = &List[FamilyBook]{Field: "Query.books", Loader: "Books", Table: f.Book, ID: "id", PageSize: 20}
	f.BooksByShelf = &List[FamilyBook]{
		Field: "Shelf.books", Loader: "BooksByShelfID", Table: f.Book, ID: "id", PageSize: 20,
		Parent: "shelf_id", ParentOf: func(b *FamilyBook) ID { return b.ShelfID }, Colocated: true,
	}
	f.BooksByLabel = &List[FamilyBook]{
		Field: "Label.books", Loader: "BooksByLabelID", Table: f.Book, ID: "id", PageSize: 20,
		Parent: "label_id", ParentOf: func(b *FamilyBook) ID { return b.LabelID },
	}
	f.Picks = links("Shelf.picks", "PicksByShelfID", "shelf_pick", "shelf_id", "book_id", "place", 20, nil)
	for _, desc := range []bool{ascending, descending} {
		suffix := ""
		if desc {
			suffix = "_DESC"
		}
		f.BookOrders = append(f.BookOrders,
			orderByID[FamilyBook]("ID"+suffix, desc),
			orderByString("TITLE"+suffix, "title", desc, func(b *FamilyBook) string { return b.Title }),
			orderByInt("PAGES"+suffix, "pages", desc, func(b *FamilyBook) int32 { return b.Pages }),
			orderByFloat("WEIGHT"+suffix, "weight", desc, func(b *FamilyBook) float64 { return b.Weight }),
			orderByDecimal("PRICE"+suffix, "price", desc, func(b *FamilyBook) Decimal { return b.Price }),
			orderByTime("PRINTED"+suffix, "printed", desc, func(b *FamilyBook) time.Time { return b.Printed }),
		)
	}
	return f
}

// FamilyFilter is what a generator would make of an input type.
type FamilyFilter struct {
	TitleStartsWith *string
	Title           *string
	TitleFrom       *string
	TitleTo         *string
	MinWeight       *float64
	MinPages        *int32
	MaxPages        *int32
	PagesBelow      *int32
	MinPrice        *Decimal
	MaxPrice        *Decimal
	MaxWeight       *float64
	PrintedFrom     *time.Time
	PrintedBefore   *time.Time
	Signed          *bool
	Owner           *NodeID // of kind 1; compared with label_id
}

func (f *FamilyFilter) conditions() (c conditions) {
	if f == nil {
		return c
	}
	startsWith(&c, "titleStartsWith", "t.title", f.TitleStartsWith)
	compare(&c, "title", "t.title", "=", f.Title)
	compare(&c, "titleFrom", "t.title", ">=", f.TitleFrom)
	compare(&c, "titleTo", "t.title", "<=", f.TitleTo)
	compare(&c, "minWeight", "t.weight", ">", f.MinWeight)
	compare(&c, "minPages", "t.pages", ">=", f.MinPages)
	compare(&c, "maxPages", "t.pages", "<=", f.MaxPages)
	compare(&c, "pagesBelow", "t.pages", "<", f.PagesBelow)
	compare(&c, "minPrice", "t.price", ">=", f.MinPrice)
	compare(&c, "maxPrice", "t.price", "<=", f.MaxPrice)
	compare(&c, "maxWeight", "t.weight", "<=", f.MaxWeight)
	compare(&c, "printedFrom", "t.printed", ">=", f.PrintedFrom)
	compare(&c, "printedBefore", "t.printed", "<", f.PrintedBefore)
	compare(&c, "signed", "t.signed", "=", f.Signed)
	refersTo(&c, "owner", "t.label_id", 1, f.Owner)
	return c
}

// spread puts the values of some columns where those of all n would be.
func spread(n int, places []uint16, values [][]byte) [][]byte {
	all := make([][]byte, n)
	for i, at := range places {
		all[at] = values[i]
	}
	return all
}
