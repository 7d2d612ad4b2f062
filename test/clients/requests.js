/**
 * A fetch that remembers what it sent and what came back, so that tests can tell what a client
 * really does: `{ method, url, body, status, response }` for each request.
 */
export function recorded(headers = {}) {
  const requests = [];
  const fetchFn = async (url, init = {}) => {
    const response = await fetch(url, { ...init, headers: { ...init.headers, ...headers } });
    requests.push({
      method: init.method ?? 'GET',
      url: new URL(url),
      body: init.body ? JSON.parse(init.body) : undefined,
      status: response.status,
      response: await response.clone().json(),
    });
    return response;
  };
  return { requests, fetch: fetchFn };
}

/** What GET needs, so that no other site can make a browser send it. */
export const preflight = { 'graphql-require-preflight': '1' };

/** A name that no run before had, and so no document that has it. */
export function freshName(prefix) {
  return `${prefix}${Date.now()}x${Math.random().toString(36).slice(2)}`;
}
