import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const LICENCE_FILE = /^(licen[cs]e|copying|notice|thirdpartynotices)/i;

/** Packages which leave out the licence of their repository, and one of the same repository that has it. */
const SAME_REPOSITORY = {
  '@graphiql/plugin-doc-explorer': 'graphiql',
  '@graphiql/plugin-explorer': 'graphiql',
  '@graphiql/plugin-history': 'graphiql',
  'react-compiler-runtime': 'react',
  'react-remove-scroll-bar': 'react-remove-scroll',
};

/**
 * Notes every npm package of which a byte reaches the bundle, and writes their
 * licences to LICENSES.txt. A package without a licence text stops the build.
 */
export function licences() {
  const folders = new Set();

  const note = (id) => {
    const folder = packageFolder(id);
    if (folder) folders.add(folder);
  };
  const observe = (bundle) => {
    for (const output of Object.values(bundle)) {
      if (output.type === 'chunk') Object.keys(output.modules).forEach(note);
      else output.originalFileNames.forEach(note);
    }
  };

  return {
    worker: () => ({
      name: 'backline:licences-worker',
      generateBundle: (_options, bundle) => observe(bundle),
    }),
    page: () => ({
      name: 'backline:licences',
      apply: 'build',
      generateBundle(_options, bundle) {
        observe(bundle);
        // A stylesheet leaves no module in a chunk, but it stays in the graph.
        for (const id of this.getModuleIds()) if (/\.css($|\?)/.test(id)) note(id);
        const entries = [...folders].map(describe).sort((a, b) => (a < b ? -1 : 1));
        this.emitFile({
          type: 'asset',
          fileName: 'LICENSES.txt',
          source: `The Playground contains the following packages.\n\n${entries.join('\n')}`,
        });
      },
    }),
  };
}

/** The folder of the npm package that a module belongs to, if it is one. */
function packageFolder(id) {
  const path = id.replace(/\?.*$/, '').replace(/^.*\0/, '');
  const match = path.match(/^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//);
  return match && existsSync(join(match[1], 'package.json')) ? resolve(match[1]) : null;
}

function describe(folder) {
  const { name, version, license, repository } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const texts = licenceTexts(folder);
  if (texts.length === 0 && SAME_REPOSITORY[name]) texts.push(...licenceTexts(resolve('node_modules', SAME_REPOSITORY[name])));
  if (texts.length === 0) throw new Error(`package ${name} ships no licence text: name a sibling in SAME_REPOSITORY`);
  const rule = '='.repeat(78);
  const title = [`${name} ${version} (${license})`, repository?.url ?? repository].filter(Boolean).join('\n');
  return `${rule}\n${title}\n${rule}\n\n${texts.join('\n\n')}\n`;
}

function licenceTexts(folder) {
  const files = readdirSync(folder).filter((file) => LICENCE_FILE.test(file));
  return files.sort().map((file) => readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim());
}
