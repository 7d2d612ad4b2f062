import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { schemaText } from '../schema.js';

const here = dirname(fileURLToPath(import.meta.url));
const bin = (name) => join(here, '..', 'node_modules', '.bin', name);

/** Runs a program and gives what it said; one that fails throws an error that says it. */
function run(program, args, cwd) {
  try {
    return execFileSync(bin(program), args, { cwd, stdio: 'pipe', encoding: 'utf8' });
  } catch (error) {
    throw new Error(`${program} ${args.join(' ')}: ${error.stdout}${error.stderr}`);
  }
}

/** Generates typed documents for src/ in a folder of that name. */
export async function generate(name) {
  const out = join(here, 'compiled', name);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  cpSync(join(here, 'src'), join(out, 'src'), { recursive: true });
  writeFileSync(join(out, 'schema.graphql'), await schemaText());
  writeFileSync(join(out, 'codegen.json'), JSON.stringify({
    schema: './schema.graphql',
    documents: ['src/**/*.ts'],
    emitLegacyCommonJSImports: false,
    generates: {
      './gql/': {
        preset: 'client',
        presetConfig: { persistedDocuments: { hashAlgorithm: 'sha256' }, fragmentMasking: false },
        config: { useTypeImports: true, scalars: { DateTime: 'string', Decimal: 'string' } },
      },
    },
  }));
  writeFileSync(join(out, 'tsconfig.json'), JSON.stringify({
    compilerOptions: {
      target: 'es2022', module: 'nodenext', moduleResolution: 'nodenext', strict: true, noUncheckedIndexedAccess: true,
      rootDir: '.', outDir: './js', types: [],
    },
    include: ['src', 'gql'],
  }));
  run('graphql-codegen', ['--config', 'codegen.json'], out);
  const manifest = join(out, 'gql', 'persisted-documents.json');
  return {
    out,
    manifest,
    documents: JSON.parse(readFileSync(manifest, 'utf8')),
    typecheck: () => run('tsc', ['--project', 'tsconfig.json'], out),
    load: (file) => import(pathToFileURL(join(out, 'js', file))),
  };
}
