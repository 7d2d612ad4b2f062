import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import compiler from 'relay-compiler';
import { schemaText } from '../schema.js';

const here = dirname(fileURLToPath(import.meta.url));

/**
 * Compiles src/ with Relay's compiler into a folder of that name: what its artifacts are called, and
 * with `persist` the manifest that the compiler wrote.
 */
export async function compile(name, { persist = false } = {}) {
  const out = join(here, 'compiled', name);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(join(out, 'artifacts'), { recursive: true });
  cpSync(join(here, 'src'), join(out, 'src'), { recursive: true });
  writeFileSync(join(out, 'package.json'), '{"type": "commonjs"}'); // artifacts name each other as bundlers allow
  writeFileSync(join(out, 'schema.graphql'), await schemaText());
  if (persist) writeFileSync(join(out, 'persisted_queries.json'), '{}');
  writeFileSync(join(out, 'relay.config.json'), JSON.stringify({
    src: './src',
    schema: './schema.graphql',
    language: 'javascript',
    eagerEsModules: false,
    artifactDirectory: './artifacts',
    ...(persist && { persistConfig: { file: './persisted_queries.json' } }),
  }));
  execFileSync(compiler, ['./relay.config.json'], { cwd: out, stdio: 'pipe' });
  return {
    artifact: async (file) => (await import(pathToFileURL(join(out, 'artifacts', `${file}.graphql.js`)))).default,
    manifest: persist ? join(out, 'persisted_queries.json') : undefined,
    documents: persist ? JSON.parse(readFileSync(join(out, 'persisted_queries.json'), 'utf8')) : undefined,
  };
}
