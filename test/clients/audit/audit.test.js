import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { serverAudits } from 'graphql-http';
import { serverUrl, skipServer } from '../server.js';

// What the audits ask for by GET would be refused: another site could make a browser send it.
const fetchFn = (url, init = {}) =>
  fetch(url, { ...init, headers: { ...init.headers, 'graphql-require-preflight': '1' } });

/** GraphQL over HTTP, as its reference suite checks it. A warning is a failure: it is a SHOULD of the specification. */
describe('graphql-http audits', { skip: skipServer }, () => {
  const audits = serverAudits({ url: `${serverUrl}/graphql`, fetchFn });
  test('there are some', () => assert.ok(audits.length > 60, `${audits.length} audits`));
  for (const audit of audits) {
    test(`${audit.id} ${audit.name}`, async () => {
      const result = await audit.fn();
      assert.equal(result.status, 'ok', result.reason);
    });
  }
});
