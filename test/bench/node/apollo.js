// Apollo Server on Fastify, in production mode, without the plugins that report and cache.

import { ApolloServer } from '@apollo/server'
import { ApolloServerPluginCacheControlDisabled, ApolloServerPluginUsageReportingDisabled } from '@apollo/server/plugin/disabled'
import fastifyApollo, { fastifyApolloDrainPlugin } from '@as-integrations/fastify'
import Fastify from 'fastify'
import { context, resolvers } from './resolvers.js'
import { Rows } from './rows.js'
import { connect, listen, typeDefs } from './settings.js'

const rows = new Rows(connect())
const app = Fastify()
const server = new ApolloServer({
  typeDefs,
  resolvers,
  introspection: false,
  plugins: [fastifyApolloDrainPlugin(app), ApolloServerPluginCacheControlDisabled(), ApolloServerPluginUsageReportingDisabled()]
})

await server.start()
await app.register(fastifyApollo(server), { context: async () => context(rows) })
await app.listen(listen)
