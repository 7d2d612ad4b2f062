package seed

import (
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"backline/store/shard"
)

// Employees firstRep to lastRep look after customers; the agent after them has none yet.
const firstRep, lastRep = 5, 9

func writeStaff(out *copyWriter) {
	for i, s := range staff {
		r := newRandom(ofCustomer, int64(-1-i))
		boss, _ := strconv.ParseInt(s[3], 10, 64)
		city, state, _ := strings.Cut(s[4], "/")
		row := employeeRow{
			id: identity(int64(i+1), 0), firstName: s[0], lastName: s[1], title: text(s[2]),
			birth: date(1958+i*2, r.below(365)), hire: date(2002+i, r.below(365)),
			address: address{
				street: text(pattern(&r, "### * Avenue", nil)), city: text(city), state: text(state),
				country: text("Canada"), postalCode: text(pattern(&r, "@#@ #@#", nil)),
			},
			phone: text(pattern(&r, "+1 (###) 555-01##", nil)), fax: text(pattern(&r, "+1 (###) 555-01##", nil)),
			email: text(slug(s[0]) + "@backline.example"),
		}
		if s[2] == "Trainee" { // new here: not everything is known yet
			row.address, row.birth, row.fax, row.email = address{}, pgtype.Timestamptz{}, pgtype.Text{}, pgtype.Text{}
		}
		if boss > 0 {
			row.reportsTo = identity(boss, 0)
		}
		row.copyTo(out)
	}
}

func date(year, day int) pgtype.Timestamptz {
	return pgtype.Timestamptz{Time: time.Date(year, 1, 1+day, 0, 0, 0, 0, time.UTC), Valid: true}
}

// customer makes up customer n, but for the id.
func customer(n int64) customerRow {
	r := newRandom(ofCustomer, n)
	p := newPerson(&r)
	c := p.country
	row := customerRow{
		firstName: p.first, lastName: p.last, email: p.email(n),
		address: newAddress(&r, c), phone: text(pattern(&r, c.phone, c)),
	}
	if r.percent(18) {
		row.company = text(pick(&r, adjectives) + " " + pick(&r, nouns) + " " + c.company)
	}
	if r.percent(15) {
		row.fax = text(pattern(&r, c.phone, c))
	}
	if r.percent(6) {
		row.phone = pgtype.Text{}
	}
	if !r.percent(5) {
		row.supportRepID = identity(int64(r.between(firstRep, lastRep)), 0)
	}
	if r.percent(2) { // signed up with nothing but a mail address
		row.address, row.phone, row.fax = address{}, pgtype.Text{}, pgtype.Text{}
	}
	return row
}

func (d *demo) writeCustomers(owns func(shard.Bucket) bool, out *copyWriter) {
	for n, b := range numbers(d.customers, owns, out) {
		row := customer(n)
		row.id = identity(n, b)
		row.copyTo(out)
	}
}

// buyer is the customer of invoice n. Some buy often; one of twenty has never bought.
func (d *demo) buyer(n int64) int64 {
	r := newRandom(ofBuyer, n)
	for {
		c := int64(r.below(int(d.customers)))
		if r.percent(40) {
			c = c * int64(r.below(1000)) / 1000
		}
		if mix(uint64(c+1))%20 != 0 || d.customers < 20 {
			return c + 1
		}
	}
}

// linesOf is how many lines invoice n has: 1 to maxLines.
func (d *demo) linesOf(n int64) int {
	r := newRandom(ofInvoice, n)
	return 1 + r.weighted([]int{25, 25, 20, 14, 8, 3, 2, 1, 0, 0, 0, 1, 0, 1})
}

// maxLines spaces the numbers of lines: those of invoice n begin at (n-1)*maxLines + 1.
const maxLines = 16

// Sales begin at salesStart and go on for salesSpan seconds, evenly.
var salesStart = time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC)

const salesSpan = 5 * 365 * 24 * 60 * 60

func (d *demo) writeInvoices(owns func(shard.Bucket) bool, out *copyWriter) {
	for n := int64(1); n <= d.invoices && out.failed() == nil; n++ {
		buyer := d.buyer(n)
		b := shard.BucketOf(buyer)
		if !owns(b) {
			continue
		}
		r := newRandom(ofInvoice, n)
		r.next() // decides the number of lines
		sold := salesStart.Add(time.Duration((n-1)*salesSpan/d.invoices) * time.Second)
		switch at := r.below(100); {
		case at < 20: // booked by the day
			sold = sold.Truncate(24 * time.Hour)
		case at < 30: // by the month: some customers have several at one moment
			sold = time.Date(sold.Year(), sold.Month(), 1, 0, 0, 0, 0, time.UTC)
		}
		row := invoiceRow{
			id: identity(n, b), date: pgtype.Timestamptz{Time: sold, Valid: true},
			billing: customer(buyer).address, customerID: identity(buyer, b),
		}
		if r.percent(3) { // sent elsewhere
			row.billing = newAddress(&r, newPerson(&r).country)
		}
		for line := range d.invoiceLines(n) {
			row.total += line.unitPrice * cents(line.quantity)
		}
		row.copyTo(out)
	}
}

func (d *demo) writeLines(owns func(shard.Bucket) bool, out *copyWriter) {
	for n := int64(1); n <= d.invoices && out.failed() == nil; n++ {
		b := shard.BucketOf(d.buyer(n))
		if !owns(b) {
			continue
		}
		at := (n-1)*maxLines + 1
		for line := range d.invoiceLines(n) {
			(&invoiceLineRow{
				id: identity(at, b), unitPrice: line.unitPrice, quantity: line.quantity,
				invoiceID: identity(n, b), trackID: d.trackID(line.track),
			}).copyTo(out)
			at++
		}
	}
}

// sale is one line of an invoice.
type sale struct {
	track     int64
	unitPrice cents
	quantity  int32
}

// invoiceLines makes up the lines of invoice n. Some tracks sell better than others, and half of the
// lines go on with the album of the line before.
func (d *demo) invoiceLines(n int64) func(yield func(sale) bool) {
	return func(yield func(sale) bool) {
		r := newRandom(ofLine, n)
		track := int64(0)
		for range d.linesOf(n) {
			if track == 0 || track == d.tracks || r.percent(50) {
				track = 1 + int64(min(r.below(int(d.tracks)), r.below(int(d.tracks))))
			} else {
				track++
			}
			s := sale{track, priceOf(track), 1}
			if r.percent(5) {
				s.quantity = int32(r.between(2, 5))
			}
			if !yield(s) {
				return
			}
		}
	}
}
