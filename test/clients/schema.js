import { buildClientSchema, getIntrospectionQuery, printSchema } from 'graphql';
import { ask } from './server.js';

/** The schema of the server under test as SDL, as tools of clients get it. */
export async function schemaText() {
  const { data, errors } = await ask(getIntrospectionQuery());
  if (errors) throw new Error(`introspection: ${JSON.stringify(errors)}`);
  return printSchema(buildClientSchema(data));
}
