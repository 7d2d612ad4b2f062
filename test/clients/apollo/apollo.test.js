import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { relayStylePagination } from '@apollo/client/utilities';
import { filter, firstValueFrom } from 'rxjs';
import { freshName, preflight, recorded } from '../requests.js';
import { ask, serverUrl, skipServer } from '../server.js';

const sha256 = (text) => createHash('sha256').update(text).digest('hex');

/** A client of its own, and what it sends. */
function setup({ before = [], headers, cache = new InMemoryCache() } = {}) {
  const { requests, fetch } = recorded(headers);
  const http = new HttpLink({ uri: `${serverUrl}/graphql`, fetch });
  return { client: new ApolloClient({ link: ApolloLink.from([...before, http]), cache }), requests };
}

describe('Apollo Client', { skip: skipServer }, () => {
  test('asks, normalizes by id, and answers the second time from its cache', async () => {
    const { client, requests } = setup();
    const ARTISTS = gql`query Artists($n: Int!) { artists(first: $n) { nodes { id name albums(first: 2) { nodes { id title } } } } }`;
    const { data } = await client.query({ query: ARTISTS, variables: { n: 3 } });
    assert.equal(data.artists.nodes.length, 3);
    const [artist] = data.artists.nodes;
    assert.match(artist.id, /^art_/);
    assert.equal(client.cache.extract()[`Artist:${artist.id}`].name, artist.name);
    await client.query({ query: ARTISTS, variables: { n: 3 } });
    assert.equal(requests.length, 1);

    const { data: one } = await client.query({
      query: gql`query One($id: ID!) { node(id: $id) { ... on Artist { id name } } }`, variables: { id: artist.id },
    });
    assert.deepEqual(one.node, { __typename: 'Artist', id: artist.id, name: artist.name });
  });

  test('pages through a connection with relayStylePagination', async () => {
    const cache = new InMemoryCache({ typePolicies: { Query: { fields: { artists: relayStylePagination() } } } });
    const { client, requests } = setup({ cache });
    const PAGE = gql`query Page($n: Int!, $after: String) {
      artists(first: $n, after: $after) { edges { cursor node { id } } pageInfo { endCursor hasNextPage } } }`;
    const query = client.watchQuery({ query: PAGE, variables: { n: 7 } });
    const subscription = query.subscribe({});
    try {
      let page = await firstValueFrom(query.pipe(filter((result) => !result.loading)));
      for (let pages = 1; page.data.artists.pageInfo.hasNextPage; pages++) {
        assert.ok(pages < 100, 'it does not end');
        page = await query.fetchMore({ variables: { after: page.data.artists.pageInfo.endCursor } });
      }
      const data = client.readQuery({ query: PAGE, variables: { n: 7 } });
      const { data: all } = await ask('{ artists { totalCount } }');
      const ids = new Set(data.artists.edges.map((edge) => edge.node.id));
      assert.equal(data.artists.edges.length, all.artists.totalCount);
      assert.equal(ids.size, all.artists.totalCount);
      assert.equal(requests.length, Math.ceil(all.artists.totalCount / 7));
    } finally {
      subscription.unsubscribe();
    }
  });

  test('tells errors with their codes, beside the data that is there', async () => {
    const { client } = setup();
    await assert.rejects(
      client.query({ query: gql`query Wrong { artists(first: 101) { nodes { id } } }` }),
      (error) => CombinedGraphQLErrors.is(error) && error.errors[0].extensions.code === 'PAGE_SIZE',
    );
    await assert.rejects(
      client.query({ query: gql`query Wrong { artist(id: "art_x") { nothing } }` }),
      (error) => CombinedGraphQLErrors.is(error) && error.errors[0].extensions.code === 'GRAPHQL_VALIDATION_FAILED',
    );
    const partial = await client.query({
      query: gql`query Partly { artists(first: 1) { nodes { name } } artist(id: "art_wrong") { name } }`, errorPolicy: 'all',
    });
    assert.equal(partial.data.artists.nodes.length, 1);
    assert.equal(partial.data.artist, null);
    assert.equal(partial.error.errors[0].extensions.code, 'BAD_USER_INPUT');
    assert.deepEqual(partial.error.errors[0].path, ['artist']);
  });

  test('persists its queries: the hash, then the text once, then the hash alone', async () => {
    const query = gql(`query ${freshName('Persisted')} { artists(first: 1) { nodes { id name } } }`);
    const first = setup({ before: [new PersistedQueryLink({ sha256 })] });
    const { data } = await first.client.query({ query });
    assert.equal(first.requests.length, 2);
    const [miss, registered] = first.requests;
    assert.equal(miss.body.query, undefined);
    assert.equal(miss.response.errors[0].extensions.code, 'PERSISTED_QUERY_NOT_FOUND');
    assert.equal(registered.body.extensions.persistedQuery.sha256Hash, sha256(registered.body.query));

    const second = setup({ before: [new PersistedQueryLink({ sha256 })] });
    const again = await second.client.query({ query });
    assert.deepEqual(again.data, data);
    assert.equal(second.requests.length, 1);
    assert.equal(second.requests[0].body.query, undefined);
  });

  test('persists its queries over GET', async () => {
    const query = gql(`query ${freshName('Persisted')}($n: Int!) { artists(first: $n) { nodes { id } } }`);
    for (const [expected, label] of [[['GET', 'POST'], 'unknown'], [['GET'], 'known']]) {
      const link = new PersistedQueryLink({ sha256, useGETForHashedQueries: true });
      const { client, requests } = setup({ before: [link], headers: preflight });
      const { data } = await client.query({ query, variables: { n: 2 } });
      assert.equal(data.artists.nodes.length, 2);
      assert.deepEqual(requests.map((r) => r.method), expected, label);
      assert.equal(requests[0].url.searchParams.has('query'), false);
    }
  });

  test('hears of a hash that is not of its text', async () => {
    const link = new PersistedQueryLink({ sha256: (text) => sha256(`${text} and more`) });
    const { client, requests } = setup({ before: [link] });
    await assert.rejects(
      client.query({ query: gql(`query ${freshName('Wrong')} { artists(first: 1) { nodes { id } } }`) }),
      (error) => CombinedGraphQLErrors.is(error) && error.errors[0].extensions.code === 'PERSISTED_QUERY_HASH_MISMATCH',
    );
    assert.equal(requests.length, 2);
  });
});
