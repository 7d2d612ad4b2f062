/** The server under test, an origin without a slash at its end, or null where none was named. */
export const serverUrl = process.env.BACKLINE_TEST_URL?.replace(/\/+$/, '') || null;

/** Whether what cannot run has to fail. */
export const required = process.env.BACKLINE_TEST_REQUIRE_BROWSER === '1';

/**
 * Says loudly that a suite does not run, and why. For node:test's `skip`
 * option: a text skips; false, after a throw was not due, runs.
 */
export function skipUnless(condition, reason) {
  if (condition) return false;
  if (required) throw new Error(`${reason}, and BACKLINE_TEST_REQUIRE_BROWSER=1 forbids to skip`);
  console.error(`\n${'!'.repeat(78)}\n!! SKIPPED: ${reason}\n${'!'.repeat(78)}\n`);
  return reason;
}

/** Why tests that need the server do not run here, or false. */
export const skipServer = skipUnless(serverUrl, 'BACKLINE_TEST_URL names no server');

/** Asks one operation and returns the whole response. */
export async function ask(query, { variables, headers } = {}) {
  const response = await fetch(`${serverUrl}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  });
  return response.json();
}
