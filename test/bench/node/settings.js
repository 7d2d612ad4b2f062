// What the benchmark tells a server by its environment, and the ways of all of them to begin and end.

import { readFileSync } from 'node:fs'
import pg from 'pg'

/** The schema that the peers share. */
export const typeDefs = readFileSync(new URL('../query/plain/schema.graphqls', import.meta.url), 'utf8')

const [host, port] = process.env.BENCH_ADDR.split(':')

/** Where to listen. */
export const listen = { host, port: Number(port) }

/** How to reach Postgres: the same number of connections for every server, kept open. */
export const database = {
  connectionString: process.env.BENCH_POSTGRES_URL,
  max: Number(process.env.BENCH_CONNECTIONS),
  idleTimeoutMillis: 0,
  // The statements' plans do not depend on their values, so Postgres plans each but once.
  options: '-c plan_cache_mode=force_generic_plan'
}

export const connect = () => new pg.Pool(database)

process.on('SIGTERM', () => process.exit(0))
