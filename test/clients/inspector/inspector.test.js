import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { schemaText } from '../schema.js';
import { skipServer } from '../server.js';

const here = dirname(fileURLToPath(import.meta.url));

/** Runs `graphql-inspector validate` and gives how it ended and what it said. */
function validate(documents, schema) {
  try {
    const program = join(here, '..', 'node_modules', '.bin', 'graphql-inspector');
    return { status: 0, said: execFileSync(program, ['validate', documents, schema], { encoding: 'utf8', stdio: 'pipe' }) };
  } catch (error) {
    return { status: error.status, said: `${error.stdout}${error.stderr}` };
  }
}

describe('graphql-inspector', { skip: skipServer }, () => {
  let folder;
  let schema;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'backline-inspector-'));
    schema = join(folder, 'schema.graphql');
    writeFileSync(schema, await schemaText());
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test('validates documents of clients against the schema that is served', () => {
    const { status, said } = validate(join(here, '..', 'documents', '*.graphql'), schema);
    assert.equal(status, 0, said);
    assert.match(said, /All documents are valid/);
  });

  test('finds a document that is not of the schema', () => {
    const documents = join(folder, 'wrong.graphql');
    writeFileSync(documents, 'query Wrong { artists(first: 1) { nodes { nothing } } }');
    const { status, said } = validate(documents, schema);
    assert.equal(status, 1, said);
    assert.match(said, /Cannot query field nothing on type Artist/);
  });
});
