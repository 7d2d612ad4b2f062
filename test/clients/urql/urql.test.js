import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client, fetchExchange, gql } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { persistedExchange } from '@urql/exchange-persisted';
import { freshName, preflight, recorded } from '../requests.js';
import { ask, serverUrl, skipServer } from '../server.js';

/** A client of its own, and what it sends. */
function setup(exchanges, options = {}) {
  const { requests, fetch } = recorded(options.headers);
  const client = new Client({
    url: `${serverUrl}/graphql`, fetch, preferGetMethod: false, exchanges: [...exchanges, fetchExchange], ...options.client,
  });
  return { client, requests };
}

describe('urql', { skip: skipServer }, () => {
  test('asks and caches by id', async () => {
    const { client, requests } = setup([cacheExchange({})]);
    const query = gql`query Albums($n: Int!) { albums(first: $n) { nodes { id title artist { id name } } } }`;
    const { data, error } = await client.query(query, { n: 4 }).toPromise();
    assert.equal(error, undefined);
    assert.equal(data.albums.nodes.length, 4);
    assert.match(data.albums.nodes[0].artist.id, /^art_/);
    assert.deepEqual((await client.query(query, { n: 4 }).toPromise()).data, data);
    assert.equal(requests.length, 1);
  });

  test('merges the pages of a connection with relayPagination', async () => {
    const { client, requests } = setup([cacheExchange({ resolvers: { Query: { artists: relayPagination() } } })]);
    const query = gql`query Page($n: Int!, $after: String) {
      artists(first: $n, after: $after) { edges { node { id } } nodes { id } pageInfo { endCursor hasNextPage hasPreviousPage startCursor } } }`;
    let data;
    let after;
    let pages = 0;
    do {
      assert.ok(pages++ < 100, 'it does not end');
      const result = await client.query(query, { n: 11, after }).toPromise();
      assert.equal(result.error, undefined);
      data = result.data;
      after = data.artists.pageInfo.endCursor;
    } while (data.artists.pageInfo.hasNextPage);
    const { data: all } = await ask('{ artists { totalCount } }');
    assert.equal(new Set(data.artists.edges.map((edge) => edge.node.id)).size, all.artists.totalCount);
    assert.deepEqual(data.artists.nodes.map((node) => node.id), data.artists.edges.map((edge) => edge.node.id));
    assert.equal(requests.length, pages);
  });

  test('tells errors with their codes', async () => {
    const { client } = setup([cacheExchange({})]);
    const wrong = await client.query(gql`query Wrong { nothing }`, {}).toPromise();
    assert.equal(wrong.error.graphQLErrors[0].extensions.code, 'GRAPHQL_VALIDATION_FAILED');
    assert.equal(wrong.error.networkError, undefined);
    const partial = await client.query(gql`query Partly { artists(first: 1) { nodes { id } } artist(id: "art_wrong") { id } }`, {}).toPromise();
    assert.equal(partial.data.artists.nodes.length, 1);
    assert.equal(partial.data.artist, null);
    assert.equal(partial.error.graphQLErrors[0].extensions.code, 'BAD_USER_INPUT');
  });

  test('persists its queries', async () => {
    const query = gql(`query ${freshName('Persisted')} { artists(first: 1) { nodes { id } } }`);
    const exchange = () => persistedExchange({ preferGetForPersistedQueries: false });
    const first = setup([exchange()]);
    const { data, error } = await first.client.query(query, {}).toPromise();
    assert.equal(error, undefined);
    assert.equal(data.artists.nodes.length, 1);
    assert.equal(first.requests.length, 2);
    assert.equal(first.requests[0].response.errors[0].message, 'PersistedQueryNotFound');
    assert.equal(first.requests[0].body.query, undefined);
    assert.ok(first.requests[1].body.query);

    const second = setup([exchange()]);
    assert.deepEqual((await second.client.query(query, {}).toPromise()).data, data);
    assert.deepEqual(second.requests.map((r) => r.body.query), [undefined]);
  });

  test('persists its queries over GET', async () => {
    const query = gql(`query ${freshName('Persisted')}($n: Int!) { artists(first: $n) { nodes { id } } }`);
    for (const sendsText of [[false, true], [false]]) { // the second client needs no text at all
      const { client, requests } = setup([persistedExchange({ preferGetForPersistedQueries: 'force' })], { headers: preflight });
      const { data, error } = await client.query(query, { n: 2 }).toPromise();
      assert.equal(error, undefined);
      assert.equal(data.artists.nodes.length, 2);
      assert.deepEqual(requests.map((r) => r.url.searchParams.has('query')), sendsText);
      assert.ok(requests.every((r) => r.method === 'GET'));
    }
  });
});
