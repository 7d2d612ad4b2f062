package main

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgxpool"

	"backline/store"
)

var (
	customerRow = prepared("customer", `SELECT c.first_name, c.last_name, e.first_name, e.last_name
FROM customer AS c LEFT JOIN employee AS e ON e.id = c.support_rep_id WHERE c.id = $1`, bin, bin, bin, bin)
	customerInvoices = prepared("customer_invoices", `SELECT id, invoice_date, total
FROM invoice WHERE customer_id = $1 ORDER BY id LIMIT 20`, bin, bin, txt)
	customerLines = prepared("customer_lines", `SELECT l.invoice_id, l.unit_price, l.quantity, t.name, al.title, ar.name
FROM (SELECT id FROM invoice WHERE customer_id = $1 ORDER BY id LIMIT 20) AS i
CROSS JOIN LATERAL (SELECT * FROM invoice_line WHERE invoice_id = i.id ORDER BY id) AS l
LEFT JOIN track AS t ON t.id = l.track_id
LEFT JOIN album AS al ON al.id = t.album_id
LEFT JOIN artist AS ar ON ar.id = al.artist_id`, bin, txt, bin, bin, bin, bin)
)

var errOrder = errors.New("rows came out of order")

func customerPage(ctx context.Context, db *pgxpool.Pool, b []byte, customer int64) ([]byte, error) {
	b = append(b, `{"data":{"customer":`...)
	found, unordered := false, false
	type invoice struct {
		id, date [8]byte
		total    []byte
	}
	var own [20]invoice
	invoices, text := own[:0], make([]byte, 0, 256)
	open, lines := -1, 0
	to := func(i int) {
		for open < i {
			if open >= 0 {
				b = append(b, `]}}`...)
			}
			if open++; open == len(invoices) {
				return
			}
			if open > 0 {
				b = append(b, ',')
			}
			inv := &invoices[open]
			b = append(b, `{"id":`...)
			b = id(b, store.KindInvoice, inv.id[:])
			b = append(b, `,"invoiceDate":`...)
			b = timestamp(b, inv.date[:])
			b = append(b, `,"total":`...)
			b = quoted(b, inv.total)
			b = append(b, `,"lines":{"nodes":[`...)
			lines = 0
		}
	}
	err := pipeline(ctx, db, customer,
		step{customerRow, func(v [][]byte) {
			found = true
			b = append(b, `{"firstName":`...)
			b = str(b, v[0])
			b = append(b, `,"lastName":`...)
			b = str(b, v[1])
			b = append(b, `,"supportRep":`...)
			if v[2] == nil {
				b = append(b, `null`...)
			} else {
				b = append(b, `{"firstName":`...)
				b = str(b, v[2])
				b = append(b, `,"lastName":`...)
				b = str(b, v[3])
				b = append(b, '}')
			}
			b = append(b, `,"invoices":{"nodes":[`...)
		}},
		step{customerInvoices, func(v [][]byte) {
			at := len(text)
			text = append(text, v[2]...)
			invoices = append(invoices, invoice{[8]byte(v[0]), [8]byte(v[1]), text[at:]})
		}},
		step{customerLines, func(v [][]byte) {
			at := max(open, 0)
			for at < len(invoices) && invoices[at].id != [8]byte(v[0]) {
				at++
			}
			if at == len(invoices) {
				unordered = true
				return
			}
			to(at)
			if lines++; lines > 1 {
				b = append(b, ',')
			}
			b = append(b, `{"unitPrice":`...)
			b = quoted(b, v[1])
			b = append(b, `,"quantity":`...)
			b = int4(b, v[2])
			b = append(b, `,"track":`...)
			b = lineTrack(b, v)
			b = append(b, '}')
		}},
	)
	switch {
	case err != nil:
		return nil, err
	case unordered:
		return nil, errOrder
	case !found:
		return append(b, `null}}`...), nil
	}
	to(len(invoices))
	return append(b, `]}}}}`...), nil
}

func lineTrack(b []byte, v [][]byte) []byte {
	if v[3] == nil {
		return append(b, `null`...)
	}
	b = append(b, `{"name":`...)
	b = str(b, v[3])
	b = append(b, `,"album":`...)
	if v[4] == nil {
		return append(b, `null}`...)
	}
	b = append(b, `{"title":`...)
	b = str(b, v[4])
	b = append(b, `,"artist":{"name":`...)
	b = str(b, v[5])
	return append(b, `}}}`...)
}
