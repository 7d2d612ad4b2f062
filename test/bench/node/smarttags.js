// What PostGraphile cannot read from the tables: an id is unique by itself, not only together with
// the bucket that it holds, so that the references by id alone, which have the indexes, are enough;
// and a line of an invoice points at a track.

import { makeJSONPgSmartTagsPlugin } from 'postgraphile/utils'

const row = (...foreignKey) => ({ tags: { unique: 'id', foreignKey } })

export const pgSmartTags = makeJSONPgSmartTagsPlugin({
  version: 1,
  config: {
    class: {
      artist: row(),
      album: row('(artist_id) references artist (id)'),
      track: row('(album_id) references album (id)'),
      customer: row(),
      invoice: row('(customer_id) references customer (id)'),
      invoice_line: row('(invoice_id) references invoice (id)', '(track_id) references track (id)')
    }
  }
})
