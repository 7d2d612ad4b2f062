// GraphQL Yoga on node:http, with graphql-jit by its Envelop plugin.

import { createServer } from 'node:http'
import { useGraphQlJit } from '@envelop/graphql-jit'
import { createSchema, createYoga } from 'graphql-yoga'
import { context, resolvers } from './resolvers.js'
import { Rows } from './rows.js'
import { connect, listen, typeDefs } from './settings.js'

const rows = new Rows(connect())
const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers }),
  context: () => context(rows),
  plugins: [useGraphQlJit({ customJSONSerializer: true })],
  graphiql: false,
  landingPage: false,
  logging: false,
  multipart: false
})

createServer(yoga).listen(listen)
