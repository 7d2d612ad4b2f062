import { gzipSync } from 'fflate';

const COMPRESSIBLE = /\.(js|css|svg|ttf)$/;

/**
 * Replaces every asset that shrinks by its gzip form (`name.gz`), which is all
 * that the server embeds. fflate is plain JavaScript, so the bytes are the same
 * on every machine; the zlib inside Node compresses differently per processor.
 */
export function gzipped() {
  return {
    name: 'backline:gzip',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        for (const [name, output] of Object.entries(bundle)) {
          if (!COMPRESSIBLE.test(name)) continue;
          const content = output.type === 'chunk' ? output.code : output.source;
          const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
          delete bundle[name];
          this.emitFile({
            type: 'asset',
            fileName: `${name}.gz`,
            source: gzipSync(bytes, { level: 9, mem: 12, mtime: '1980-01-01' }),
          });
        }
      },
    },
  };
}
