import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { serverUrl, skipUnless } from './server.js';

const executablePath = process.env.BACKLINE_TEST_CHROMIUM ?? '/usr/bin/chromium';

/** Why browser tests do not run here, or false. */
export const skipBrowser =
  skipUnless(serverUrl, 'BACKLINE_TEST_URL names no server') ||
  skipUnless(existsSync(executablePath), `no browser at ${executablePath}; install the package chromium`);

let folder;

/** The path for a screenshot of that name. Those of a test that failed stay. */
export function screenshot(name) {
  if (!folder) {
    const kept = process.env.BACKLINE_TEST_SCREENSHOTS;
    folder = kept ?? mkdtempSync(join(tmpdir(), 'backline-screenshots-'));
    mkdirSync(folder, { recursive: true });
    process.once('exit', () => {
      if (kept || readdirSync(folder).some((file) => file.startsWith('failed '))) console.error(`screenshots are in ${folder}`);
      else rmSync(folder, { recursive: true });
    });
  }
  return join(folder, `${name}.png`);
}

export function launch() {
  // Chromium's own sandbox does not run as root.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, args });
}

/**
 * Opens a page of the server in a fresh profile. The second result collects
 * what went wrong: error messages on the console, exceptions, and requests to
 * any other origin, which are refused. The option `server` is another server than the one under test.
 */
export async function visit(browser, path, { server = serverUrl, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  context.setDefaultTimeout(120_000); // the machine may be busy
  const faults = [];
  await context.route('**/*', (route) => {
    const url = new URL(route.request().url());
    if (url.origin === new URL(server).origin || url.protocol === 'data:' || url.protocol === 'blob:') {
      return route.continue();
    }
    faults.push(`request to another origin: ${url}`);
    return route.abort();
  });
  await context.routeWebSocket('**/*', (socket) => {
    if (new URL(socket.url()).host === new URL(server).host) return socket.connectToServer();
    faults.push(`connection to another origin: ${socket.url()}`);
    return socket.close();
  });
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => faults.push(`exception: ${error.stack ?? error}`));
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText;
    // A page that is left lets go of what it was loading.
    if (reason !== 'net::ERR_ABORTED') faults.push(`request failed: ${request.url()} ${reason}`);
  });
  await page.goto(`${server}${path}`);
  return { page, context, faults };
}
