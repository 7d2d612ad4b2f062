package seed

import (
	"github.com/jackc/pgx/v5/pgtype"

	"backline/store/shard"
)

// The rows as they are loaded. An id of 0 is NULL where the column allows it; their copyTo methods
// encode the columns in the order of the table's layout.

// keyed is a row of any table: it is kept where the bucket of its key belongs.
type keyed[R any] interface {
	*R
	key() shard.ID
	copyTo(*copyWriter)
}

// cents is money in hundredths of the currency, a numeric(10,2) in the database.
type cents int64

type nameRow struct { // genre, media_type
	id   shard.ID
	name string
}

func (r *nameRow) key() shard.ID { return r.id }

func (r *nameRow) copyTo(w *copyWriter) {
	w.begin(2)
	w.id(r.id)
	w.text(r.name)
}

type rootRow struct { // artist, playlist
	id   shard.ID
	name string
}

func (r *rootRow) key() shard.ID { return r.id }

func (r *rootRow) copyTo(w *copyWriter) {
	w.begin(3)
	w.idAndBucket(r.id)
	w.text(r.name)
}

type albumRow struct {
	id       shard.ID
	title    string
	artistID shard.ID
}

func (r *albumRow) key() shard.ID { return r.id }

func (r *albumRow) copyTo(w *copyWriter) {
	w.begin(4)
	w.idAndBucket(r.id)
	w.text(r.title)
	w.id(r.artistID)
}

type trackRow struct {
	id           shard.ID
	name         string
	composer     pgtype.Text
	milliseconds int32
	bytes        pgtype.Int4
	unitPrice    cents
	albumID      shard.ID // 0: a single
	mediaTypeID  shard.ID
	genreID      shard.ID // 0: none
}

func (r *trackRow) key() shard.ID { return r.id }

func (r *trackRow) copyTo(w *copyWriter) {
	w.begin(10)
	w.idAndBucket(r.id)
	w.text(r.name)
	w.nullText(r.composer)
	w.int4(r.milliseconds)
	w.nullInt4(r.bytes)
	w.money(r.unitPrice)
	w.nullID(r.albumID)
	w.id(r.mediaTypeID)
	w.nullID(r.genreID)
}

type playlistTrackRow struct {
	playlistID shard.ID
	trackID    shard.ID
	position   int32 // 1 for the first entry
}

func (r *playlistTrackRow) key() shard.ID { return r.playlistID }

func (r *playlistTrackRow) copyTo(w *copyWriter) {
	w.begin(4)
	w.idAndBucket(r.playlistID)
	w.id(r.trackID)
	w.int4(r.position)
}

// address is where a person lives or an invoice is sent to.
type address struct {
	street, city, state, country, postalCode pgtype.Text
}

type employeeRow struct {
	id                  shard.ID
	firstName, lastName string
	title               pgtype.Text
	birth, hire         pgtype.Timestamptz
	address             address
	phone, fax, email   pgtype.Text
	reportsTo           shard.ID // 0: nobody
}

func (r *employeeRow) key() shard.ID { return r.id }

func (r *employeeRow) copyTo(w *copyWriter) {
	w.begin(15)
	w.id(r.id)
	w.text(r.firstName)
	w.text(r.lastName)
	w.nullText(r.title)
	w.nullTime(r.birth)
	w.nullTime(r.hire)
	w.address(&r.address)
	w.nullText(r.phone)
	w.nullText(r.fax)
	w.nullText(r.email)
	w.nullID(r.reportsTo)
}

type customerRow struct {
	id                  shard.ID
	firstName, lastName string
	company             pgtype.Text
	address             address
	phone, fax          pgtype.Text
	email               string
	supportRepID        shard.ID // 0: nobody
}

func (r *customerRow) key() shard.ID { return r.id }

func (r *customerRow) copyTo(w *copyWriter) {
	w.begin(14)
	w.idAndBucket(r.id)
	w.text(r.firstName)
	w.text(r.lastName)
	w.nullText(r.company)
	w.address(&r.address)
	w.nullText(r.phone)
	w.nullText(r.fax)
	w.text(r.email)
	w.nullID(r.supportRepID)
}

type invoiceRow struct {
	id         shard.ID
	date       pgtype.Timestamptz
	billing    address
	total      cents
	customerID shard.ID
}

func (r *invoiceRow) key() shard.ID { return r.id }

func (r *invoiceRow) copyTo(w *copyWriter) {
	w.begin(10)
	w.idAndBucket(r.id)
	w.nullTime(r.date)
	w.address(&r.billing)
	w.money(r.total)
	w.id(r.customerID)
}

type invoiceLineRow struct {
	id        shard.ID
	unitPrice cents
	quantity  int32
	invoiceID shard.ID
	trackID   shard.ID
}

func (r *invoiceLineRow) key() shard.ID { return r.id }

func (r *invoiceLineRow) copyTo(w *copyWriter) {
	w.begin(6)
	w.idAndBucket(r.id)
	w.money(r.unitPrice)
	w.int4(r.quantity)
	w.id(r.invoiceID)
	w.id(r.trackID)
}
