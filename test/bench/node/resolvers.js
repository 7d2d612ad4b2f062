// Resolvers with dataloaders, as the documentation of Yoga and of Apollo Server has them: a call for
// each object, and loaders that live as long as a request.

import DataLoader from 'dataloader'

/** The context of a request. */
export function context (rows) {
  const one = table => new DataLoader(rows.byId(table))
  return {
    rows,
    artist: one('artist'),
    album: one('album'),
    track: one('track'),
    customer: one('customer'),
    genre: one('genre'),
    mediaType: one('media_type'),
    employee: one('employee'),
    albums: new DataLoader(rows.byParent('album', 'artist_id', 'artistId')),
    tracks: new DataLoader(rows.byParent('track', 'album_id', 'albumId')),
    lines: new DataLoader(rows.byParent('invoice_line', 'invoice_id', 'invoiceId')),
    invoices: new DataLoader(keys => rows.invoices(keys), { cacheKeyFn: key => `${key.customer} ${key.first}` })
  }
}

const optional = (loader, id) => id === null ? null : loader.load(id)

export const resolvers = {
  Query: {
    artists: (_, { first, after }, { rows }) => rows.page('artist', first, after),
    tracks: (_, { first, after }, { rows }) => rows.page('track', first, after),
    album: (_, { id }, { album }) => album.load(id),
    customer: (_, { id }, { customer }) => customer.load(id)
  },
  Artist: { albums: (artist, _, { albums }) => albums.load(artist.id) },
  Album: {
    artist: (album, _, { artist }) => artist.load(album.artistId),
    tracks: (album, _, { tracks }) => tracks.load(album.id)
  },
  Track: {
    album: (track, _, { album }) => optional(album, track.albumId),
    genre: (track, _, { genre }) => optional(genre, track.genreId),
    mediaType: (track, _, { mediaType }) => mediaType.load(track.mediaTypeId)
  },
  Customer: {
    supportRep: (customer, _, { employee }) => optional(employee, customer.supportRepId),
    invoices: (customer, { first }, { invoices }) => invoices.load({ customer: customer.id, first })
  },
  Invoice: {
    invoiceDate: invoice => invoice.invoiceDate.toISOString(),
    lines: (invoice, _, { lines }) => lines.load(invoice.id)
  },
  InvoiceLine: { track: (line, _, { track }) => track.load(line.trackId) }
}
