import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { skipUnless } from './server.js';

const binary = process.env.BACKLINE_TEST_BINARY;

/** Why tests with a server of their own do not run here, or false. */
export const skipOwn = skipUnless(binary && existsSync(binary), 'BACKLINE_TEST_BINARY names no server binary');

/**
 * Starts a small server with settings of its own, and databases that nobody else uses:
 * `{ url, log, stop }`, where log are the lines so far.
 */
export async function startServer(...settings) {
  const data = mkdtempSync(join(tmpdir(), 'backline-clients-'));
  const child = spawn(binary, [
    '--addr=127.0.0.1:0', '--admin-addr=127.0.0.1:0', `--data-dir=${join(data, 'data')}`,
    '--embedded-shards=1', '--seed-scale=0.05', '--log=json', '--request-timeout=1m', ...settings,
  ], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(data, { recursive: true, force: true });
  };
  const log = [];
  const url = await new Promise((resolve) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      log.push(line);
      const place = /"msg":"serving","url":"([^"]+)"/.exec(line);
      if (place) resolve(place[1]);
    });
    ended.then(() => resolve(null));
  });
  if (url === null) {
    rmSync(data, { recursive: true, force: true });
    throw new Error(`the server did not start:\n${log.join('\n')}`);
  }
  return { url, log, stop };
}
