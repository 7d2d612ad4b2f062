import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import relay from 'relay-runtime';
import { skipOwn, startServer } from '../own.js';
import { serverUrl, skipServer } from '../server.js';
import { compile } from './compile.js';

const { createOperationDescriptor, Environment, fetchQuery, getSelector, Network, RecordSource, Store } = relay;

/** A Relay environment of its own, and what it sends: its text, or with its id where it has none. */
function setup(url) {
  const sent = [];
  const network = Network.create(async (params, variables) => {
    const body = params.text ? { query: params.text, variables } : { documentId: params.id, variables };
    sent.push(body);
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json, application/json' },
      body: JSON.stringify(body),
    });
    return response.json();
  });
  return { environment: new Environment({ network, store: new Store(new RecordSource()) }), sent };
}

/** Reads what a fragment selects, as its component would see it. */
function read(environment, fragment, reference) {
  const { data, isMissingData } = environment.lookup(getSelector(fragment, reference));
  assert.equal(isMissingData, false, `${fragment.name} misses data`);
  return data;
}

/** What the components of src/ would do: the first page, all others, and one artist again with more. */
async function scenario(url, { artifact }) {
  const [query, list, artist, more, again] = await Promise.all(
    ['ArtistsQuery', 'Artists_list', 'Artists_artist', 'ArtistsPaginationQuery', 'ArtistsRefetchQuery'].map(artifact));
  const { environment, sent } = setup(url);
  const variables = { count: 4, cursor: null };
  const root = await fetchQuery(environment, query, variables).toPromise();
  const retained = environment.retain(createOperationDescriptor(query, variables));
  const connection = () => {
    const { artists } = read(environment, list, root);
    return artists;
  };
  let artists = connection();
  assert.equal(artists.edges.length, 4);
  for (let pages = 1; artists.pageInfo.hasNextPage; pages++) {
    assert.ok(pages < 200, 'it does not end');
    await fetchQuery(environment, more, { count: 4, cursor: artists.pageInfo.endCursor }).toPromise();
    artists = connection();
  }
  const ids = artists.edges.map((edge) => edge.node.id);
  assert.equal(new Set(ids).size, ids.length);
  assert.equal(sent.length, Math.ceil(ids.length / 4));

  const { node } = artists.edges[1];
  const before = read(environment, artist, node);
  assert.equal(before.albums, undefined);
  const refetched = await fetchQuery(environment, again, { id: node.id, withAlbums: true }).toPromise();
  const now = read(environment, artist, refetched.node);
  assert.equal(now.name, before.name);
  assert.ok(now.albums.edges.every((edge) => typeof edge.node.title === 'string'));
  retained.dispose();
  return { ids, sent };
}

describe('Relay', { skip: skipServer }, () => {
  test('compiles, pages through a connection and refetches', async () => {
    const { ids, sent } = await scenario(serverUrl, await compile('plain'));
    assert.ok(ids.length > 4);
    assert.ok(sent.every((body) => body.query.includes('query Artists')));
  });
});

describe('Relay with persisted documents', { skip: skipServer || skipOwn }, () => {
  let compiled;
  let server;
  before(async () => {
    compiled = await compile('persisted', { persist: true });
    server = await startServer(`--documents=${compiled.manifest}`, '--documents-mode=only');
  });
  after(() => server?.stop());

  test('runs by the ids of its manifest where nothing else may run', async () => {
    assert.equal(Object.keys(compiled.documents).length, 3);
    const { ids, sent } = await scenario(server.url, compiled);
    assert.ok(ids.length > 4);
    assert.ok(sent.every((body) => body.documentId in compiled.documents && !body.query));
  });

  test('and its texts do not, nor do others', async () => {
    const send = async (body) => {
      const response = await fetch(`${server.url}/graphql`, {
        method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body),
      });
      return (await response.json()).errors[0].extensions.code;
    };
    const [text] = Object.values(compiled.documents);
    assert.equal(await send({ query: text }), 'PERSISTED_QUERY_ID_REQUIRED');
    assert.equal(await send({ query: '{ artists(first: 1) { nodes { id } } }' }), 'QUERY_NOT_IN_SAFELIST');
    assert.equal(await send({ documentId: 'nobody' }), 'PERSISTED_QUERY_NOT_FOUND');
  });
});
