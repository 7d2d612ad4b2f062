// Reads rows, in batches: each function takes keys and gives as many results, in their order. All
// statements are named, so that Postgres parses each of them once for every connection.

const columns = {
  artist: 'id, name',
  album: 'id, title, artist_id AS "artistId"',
  track: `id, name, milliseconds, unit_price AS "unitPrice", album_id AS "albumId", genre_id AS "genreId",
    media_type_id AS "mediaTypeId"`,
  genre: 'id, name',
  media_type: 'id, name',
  customer: 'id, first_name AS "firstName", last_name AS "lastName", support_rep_id AS "supportRepId"',
  employee: 'id, first_name AS "firstName", last_name AS "lastName"',
  invoice: 'id, invoice_date AS "invoiceDate", total, customer_id AS "customerId"',
  invoice_line: 'id, unit_price AS "unitPrice", quantity, invoice_id AS "invoiceId", track_id AS "trackId"'
}

export class Rows {
  constructor (pool) {
    this.pool = pool
  }

  async read (name, text, values) {
    return (await this.pool.query({ name, text, values })).rows
  }

  /** A page of a table: its first rows after an id. */
  page (table, first, after) {
    return this.read(`${table}_page`, `SELECT ${columns[table]} FROM ${table} WHERE id > $1 ORDER BY id LIMIT $2`, [after, first])
  }

  /** A batch function: rows by their ids. An id may be null. */
  byId (table) {
    const name = `${table}_by_id`
    const text = `SELECT ${columns[table]} FROM ${table} WHERE id = ANY($1)`
    return async ids => {
      const found = new Map()
      for (const row of await this.read(name, text, [ids])) found.set(row.id, row)
      return ids.map(id => found.get(id) ?? null)
    }
  }

  /** A batch function: the rows that point at each of the ids. */
  byParent (table, column, key) {
    const name = `${table}_by_${column}`
    const text = `SELECT ${columns[table]} FROM ${table} WHERE ${column} = ANY($1) ORDER BY ${column}, id`
    return async parents => grouped(parents, await this.read(name, text, [parents]), key)
  }

  /** A batch function: the first invoices of customers. */
  async invoices (keys) {
    const first = Math.max(...keys.map(key => key.first))
    const customers = keys.map(key => key.customer)
    const rows = await this.read('invoices', `SELECT i.* FROM unnest($1::bigint[]) AS k (id) CROSS JOIN LATERAL (
      SELECT ${columns.invoice} FROM invoice WHERE customer_id = k.id ORDER BY id LIMIT $2) AS i`, [customers, first])
    return grouped(customers, rows, 'customerId').map((list, i) => list.slice(0, keys[i].first))
  }
}

function grouped (parents, rows, key) {
  const lists = new Map()
  for (const parent of parents) lists.set(parent, [])
  for (const row of rows) lists.get(row[key]).push(row)
  return parents.map(parent => lists.get(parent))
}
