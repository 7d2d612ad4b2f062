import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { generatePersistedQueryIdsFromManifest } from '@apollo/persisted-query-lists';
import { Client, fetchExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import { parse, print } from 'graphql';
import { generate } from '../codegen/generate.js';
import { skipOwn, startServer } from '../own.js';
import { recorded } from '../requests.js';
import { skipServer } from '../server.js';

const here = dirname(fileURLToPath(import.meta.url));

/** Apollo's manifest of the documents in this folder: what its client sends, under names of our own. */
function apolloManifest() {
  const operations = readdirSync(here).filter((file) => file.endsWith('.graphql')).map((file) => {
    const document = new InMemoryCache().transformDocument(parse(readFileSync(join(here, file), 'utf8')));
    const definition = document.definitions.find((d) => d.kind === 'OperationDefinition');
    const body = print(document);
    const id = createHash('sha256').update(body).digest('hex');
    return { id, name: definition.name.value, type: definition.operation, body };
  });
  return { format: 'apollo-persisted-query-manifest', version: 1, operations };
}

/** Waits until a condition holds. */
async function until(condition, what) {
  for (const end = Date.now() + 180_000; Date.now() < end; await pause(100)) {
    if (await condition()) return;
  }
  assert.fail(`${what} did not come about`);
}

describe('manifests', { skip: skipServer || skipOwn }, () => {
  let folder;
  let manifest;
  let project;
  let server;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'backline-manifest-'));
    manifest = join(folder, 'manifest.json');
    project = await generate('persisted');
    project.typecheck();
    replace(project.documents);
    server = await startServer(`--documents=${manifest}`, '--documents-mode=only', '--env=production');
  });
  after(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Replaces the manifest at once, as a deployment should. */
  function replace(content) {
    writeFileSync(`${manifest}.new`, JSON.stringify(content));
    renameSync(`${manifest}.new`, manifest);
  }

  test("urql runs GraphQL Code Generator's documents by their ids", async () => {
    const { pageQuery } = await project.load('src/page.js');
    const hash = pageQuery.__meta__.hash;
    assert.ok(hash in project.documents);
    const { requests, fetch } = recorded();
    const persisted = persistedExchange({
      enforcePersistedQueries: true, preferGetForPersistedQueries: false, generateHash: async (_, document) => document.__meta__.hash,
    });
    const client = new Client({ url: `${server.url}/graphql`, fetch, preferGetMethod: false, exchanges: [persisted, fetchExchange] });
    const { data, error } = await client.query(pageQuery, { count: 2 }).toPromise();
    assert.equal(error, undefined);
    assert.equal(data.albums.nodes.length, 2);
    assert.equal(requests.length, 1);
    assert.equal(requests[0].body.query, undefined);
    assert.equal(requests[0].body.extensions.persistedQuery.sha256Hash, hash);
  });

  test("Apollo Client runs Apollo's, once the manifest is replaced", async () => {
    const apollo = apolloManifest();
    replace(apollo);
    const { requests, fetch } = recorded();
    const client = new ApolloClient({
      cache: new InMemoryCache(),
      link: ApolloLink.from([
        new PersistedQueryLink(generatePersistedQueryIdsFromManifest({ loadManifest: () => Promise.resolve(apollo) })),
        new HttpLink({ uri: `${server.url}/graphql`, fetch }),
      ]),
      defaultOptions: { query: { fetchPolicy: 'no-cache', errorPolicy: 'all' } },
    });
    const query = parse(readFileSync(join(here, 'search.graphql'), 'utf8'));
    let result;
    await until(async () => {
      result = await client.query({ query, variables: { words: 'a' } });
      return !result.error;
    }, 'a document of the new manifest');
    assert.ok(Array.isArray(result.data.search.nodes));
    const { body } = requests.at(-1);
    assert.equal(body.query, undefined);
    assert.equal(body.extensions.persistedQuery.sha256Hash, apollo.operations.find((o) => o.name === 'Search').id);
  });

  test('an invalid manifest changes nothing and is reported', async () => {
    replace({ wrong: '{ artists(first: 1) { nodes { nothing } } }' });
    await until(() => server.log.some((line) => line.includes('the one before stays') && line.includes('nothing')), 'the report');
    const [{ id }] = apolloManifest().operations;
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST', headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ documentId: id, variables: { id: 'art_wrong', words: 'a' } }),
    });
    const { errors } = await response.json();
    assert.equal(errors?.[0].extensions.code, 'BAD_USER_INPUT'); // it ran, as far as a wrong ID goes
  });
});
