import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { Client, fetchExchange } from '@urql/core';
import { serverUrl, skipServer } from '../server.js';
import { generate } from './generate.js';

describe('GraphQL Code Generator', { skip: skipServer }, () => {
  let project;
  before(async () => {
    project = await generate('plain');
    project.typecheck();
  });

  test('typed documents run, and their types hold what comes back', async () => {
    const { pageQuery, titles, next } = await project.load('src/page.js');
    const client = new Client({ url: `${serverUrl}/graphql`, preferGetMethod: false, exchanges: [fetchExchange] });
    const { data, error } = await client.query(pageQuery, { count: 3 }).toPromise();
    assert.equal(error, undefined);
    assert.equal(titles(data).length, 3);
    assert.match(data.albums.nodes[0].tracks.nodes[0].unitPrice, /^\d+\.\d\d$/);
    const following = await client.query(pageQuery, next(data, 3)).toPromise();
    assert.notDeepEqual(titles(following.data), titles(data));
  });

  test('a field that the document does not have does not compile', () => {
    const file = join(project.out, 'src', 'page.ts');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('album.title}', 'album.price}'));
    try {
      assert.throws(() => project.typecheck(), /Property 'price' does not exist/);
    } finally {
      writeFileSync(file, text);
    }
  });
});
