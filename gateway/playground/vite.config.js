import { defineConfig } from 'vite';
import { gzipped } from './build/gzip.js';
import { licences } from './build/licences.js';

// Worker bundles run their own plugin instances; one collector sees them all.
const collector = licences();

const backline = process.env.BACKLINE_TEST_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  // Relative addresses: the page works wherever the handler is mounted.
  base: './',
  plugins: [collector.page(), gzipped()],
  worker: { format: 'es', plugins: () => [collector.worker()] },
  build: {
    outDir: 'dist',
    target: 'es2022',
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // Fonts stay files, which a browser fetches only for the letters it needs.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 5000,
    rolldownOptions: {
      // React libraries mark their files for server frameworks; a page has no use for it.
      onLog: (level, log, next) => log.code === 'MODULE_LEVEL_DIRECTIVE' || next(level, log),
    },
  },
  // Only for `npm run dev`: workers are found by their `?worker`, which bundling ahead would lose.
  optimizeDeps: { exclude: ['graphiql/setup-workers/vite', '@graphiql/react/setup-workers/vite'] },
  server: { proxy: { '/graphql': backline, '/dev': backline, '/examples.json': backline } },
});
