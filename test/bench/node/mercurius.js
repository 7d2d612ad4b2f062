// Mercurius on Fastify, with its JIT and its loaders.

import Fastify from 'fastify'
import mercurius from 'mercurius'
import { Rows } from './rows.js'
import { connect, listen, typeDefs } from './settings.js'

const rows = new Rows(connect())
const customer = rows.byId('customer')
const album = rows.byId('album')
const first = async promise => (await promise)[0]

const resolvers = {
  Query: {
    artists: (_, { first, after }) => rows.page('artist', first, after),
    tracks: (_, { first, after }) => rows.page('track', first, after),
    album: (_, { id }) => first(album([id])),
    customer: (_, { id }) => first(customer([id]))
  },
  Invoice: { invoiceDate: invoice => invoice.invoiceDate.toISOString() }
}

/** Loads what a batch of objects names, each row once. */
function one (table, key) {
  const load = rows.byId(table)
  return uncached(async queries => {
    const ids = [...new Set(queries.map(({ obj }) => obj[key]))]
    const found = await load(ids)
    const row = new Map(ids.map((id, i) => [id, found[i]]))
    return queries.map(({ obj }) => row.get(obj[key]))
  })
}

function many (table, column, key) {
  const load = rows.byParent(table, column, key)
  return uncached(queries => load(queries.map(({ obj }) => obj.id)))
}

/** Mercurius' cache helps where an object comes twice in a request, and costs where none does. */
const uncached = loader => ({ loader, opts: { cache: false } })

const loaders = {
  Artist: { albums: many('album', 'artist_id', 'artistId') },
  Album: { artist: one('artist', 'artistId'), tracks: many('track', 'album_id', 'albumId') },
  Track: { album: one('album', 'albumId'), genre: one('genre', 'genreId'), mediaType: one('media_type', 'mediaTypeId') },
  Customer: {
    supportRep: one('employee', 'supportRepId'),
    invoices: uncached(queries => rows.invoices(queries.map(({ obj, params }) => ({ customer: obj.id, first: params.first }))))
  },
  Invoice: { lines: many('invoice_line', 'invoice_id', 'invoiceId') },
  InvoiceLine: { track: one('track', 'trackId') }
}

const app = Fastify()
await app.register(mercurius, { schema: typeDefs, resolvers, loaders, jit: 1 })
await app.listen(listen)
