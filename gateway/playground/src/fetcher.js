import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { endpoint, subscriptionUrl } from './settings.js';
import { trace } from './trace.js';

const HEADER = 'Backline-Trace';

const post = createGraphiQLFetcher({ url: endpoint, subscriptionUrl });

let whoAsks = async () => ({});

/** Sets where the headers that say who asks come from. */
export function identifyWith(headers) {
  whoAsks = headers;
}

/** Sends an operation as whoever is signed in, unless the reader wrote another credential by hand. */
async function send(params, options) {
  const byHand = Object.keys(options?.headers ?? {}).some((name) => /^(authorization|x-api-key)$/i.test(name));
  return post(params, byHand ? options : { ...options, headers: { ...options?.headers, ...(await whoAsks()) } });
}

/**
 * Sends operations. While tracing is on it asks the server for the statements
 * of each, and moves them from the response into the Statements pane; a reader
 * who sets the header by hand sees them in the response as well.
 */
export async function fetcher(typed, options) {
  const params = withKnownName(typed);
  if (params.operationName === 'IntrospectionQuery' || !trace.state().on) return send(params, options);

  const byHand = Object.keys(options?.headers ?? {}).some((name) => name.toLowerCase() === HEADER.toLowerCase());
  const headers = byHand ? options.headers : { ...options?.headers, [HEADER]: '1' };
  const started = performance.now();
  const take = (response) => {
    const { backline, ...others } = response?.extensions ?? {};
    trace.report(params.operationName, backline ?? null, performance.now() - started);
    if (byHand || !backline) return response;
    const { extensions: _, ...bare } = response;
    return Object.keys(others).length > 0 ? { ...bare, extensions: others } : bare;
  };

  const result = await send(params, { ...options, headers });
  if (typeof result?.[Symbol.asyncIterator] === 'function') return eachPart(result, take);
  return typeof result?.subscribe === 'function' ? result : take(result);
}

/**
 * GraphiQL learns the name of an operation a moment after it was typed; a query
 * sent before that would go out under the name of the one before it.
 */
function withKnownName(params) {
  const { operationName, ...unnamed } = params;
  const known = new RegExp(`\\b(query|mutation|subscription)\\s+${operationName}\\b`).test(params.query);
  return known ? params : unnamed;
}

async function* eachPart(parts, take) {
  for await (const part of parts) yield Array.isArray(part) ? part.map(take) : take(part);
}

/** Asks one query apart from the editor, and returns its data. */
export async function ask(query) {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(await whoAsks()) },
    body: JSON.stringify({ query }),
  });
  return (await response.json()).data;
}
