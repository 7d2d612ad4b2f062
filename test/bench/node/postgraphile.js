// PostGraphile on node:http, with its own schema of the same tables.

import './withresolvers.js'
import { createServer } from 'node:http'
import { postgraphile } from 'postgraphile'
import { makePgService } from 'postgraphile/adaptors/pg'
import { grafserv } from 'postgraphile/grafserv/node'
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber'
import { pgSmartTags } from './smarttags.js'
import { database, listen } from './settings.js'

const { connectionString, ...poolConfig } = database

const pgl = postgraphile({
  extends: [PostGraphileAmberPreset],
  plugins: [pgSmartTags],
  pgServices: [makePgService({ connectionString, schemas: ['public'], poolConfig, pubsub: false })],
  grafserv: { graphqlPath: '/graphql', graphiql: false, websockets: false, watch: false },
  grafast: { explain: false }
})

const server = createServer()
await pgl.createServ(grafserv).addTo(server)
await pgl.getSchema()
server.listen(listen)
