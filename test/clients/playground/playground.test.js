import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, screenshot, skipBrowser, visit } from '../browser.js';
import { skipOwn, startServer } from '../own.js';
import { ask, serverUrl } from '../server.js';

const ARTISTS = '{ artists(first: 3) { nodes { name albums(first: 2) { nodes { title } } } } }';

describe('Playground', { skip: skipBrowser, timeout: 1_200_000 }, () => {
  let browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  /** Opens the Playground in a fresh profile, and checks at the end that nothing went wrong unseen. */
  function check(name, options, run) {
    test(name, async () => {
      const { page, context, faults } = await visit(browser, '/', options);
      try {
        await ready(page);
        await run(page);
        assert.deepEqual(faults, []);
      } catch (error) {
        await page.screenshot({ path: screenshot(`failed ${name}`) });
        if (faults.length > 0) error.message += `\nFaults: ${faults.join('\n')}`;
        throw error;
      } finally {
        await context.close();
      }
    });
  }

  test('its policy keeps the page from any other host', async () => {
    const { page, context, faults } = await visit(browser, '/');
    await ready(page);
    const reached = await page.evaluate(() => fetch('http://example.com/').then(() => true, () => false));
    assert.equal(reached, false);
    assert.match(faults.join('\n'), /Content Security Policy/);
    await context.close();
  });

  check('opens with the examples and runs the first', { colorScheme: 'light' }, async (page) => {
    assert.ok((await page.locator('.examples li').count()) >= 6);
    await run(page);
    await page.locator('.result-window', { hasText: '"artists"' }).waitFor();
    await page.screenshot({ path: screenshot('playground-light') });
  });

  check('every example answers without errors', {}, async (page) => {
    await page.getByRole('combobox', { name: 'Signed in as' }).selectOption('admin');
    const titles = await page.locator('.examples li strong').allTextContents();
    for (const title of titles) {
      await page.locator('.examples li', { hasText: title }).first().getByRole('button').click();
      const { data, errors } = await run(page);
      assert.deepEqual(errors, undefined, `${title}: ${JSON.stringify(errors)}`);
      assert.ok(Object.values(data).every((value) => value !== null), `${title}: ${JSON.stringify(data)}`);
    }
    // The first one stood in the first tab already, so it opened a second.
    assert.equal(await page.getByRole('tab').count(), titles.length + 1);
  });

  check('completes the name of a field', {}, async (page) => {
    await type(page, '{ arti');
    const suggestion = page.locator('.suggest-widget .monaco-list-row').filter({ hasText: /^artists/ });
    await suggestion.first().waitFor();
    await page.screenshot({ path: screenshot('playground-completion') });
    await suggestion.first().click();
    await page.locator('.graphiql-query-editor .view-lines', { hasText: '{ artists' }).waitFor();
  });

  check('marks a field that does not exist', {}, async (page) => {
    await type(page, '{ artistz { nodes { name } } }');
    await page.locator('.graphiql-query-editor .squiggly-error').first().waitFor();
  });

  check('shows the statements of a response', {}, async (page) => {
    await type(page, ARTISTS);
    const response = await run(page);
    assert.ok(response.data.artists.nodes.length > 0);
    const line = page.locator('.statements-line');
    await line.waitFor();
    await line.click();
    const total = page.getByTestId('statement-count');
    assert.equal(Number(await total.textContent()), response.extensions.backline.statements);
    const { statements, batches } = response.extensions.backline;
    assert.ok(statements > 0 || batches.every(({ cache }) => cache), 'what took no statement was kept');
    await page.locator('.statements', { hasText: 'AlbumsByArtistID' }).waitFor();
    // Asked until all of it is kept.
    let kept;
    do kept = (await run(page)).extensions.backline;
    while (kept.statements > 0);
    await page.locator('.statements .cache', { hasText: 'hit in' }).first().waitFor();
    assert.equal(await total.textContent(), '0');
    // The pane has them, so the response is shown without.
    assert.doesNotMatch(await page.locator('.result-window').textContent(), /extensions/);

    await page.getByRole('switch', { name: 'Trace' }).uncheck();
    assert.equal((await run(page)).extensions?.backline, undefined);
    await total.waitFor({ state: 'detached' });
  });

  check('shows the docs of a type', {}, async (page) => {
    await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
    await page.locator('.graphiql-doc-explorer').getByRole('link', { name: 'Artist', exact: true }).click();
    await page.locator('.graphiql-doc-explorer-title', { hasText: 'Artist' }).waitFor();
    const docs = await page.locator('.graphiql-doc-explorer').textContent();
    assert.match(docs, /albums/);
    assert.match(docs, /Implements.*Node/);
    const description = page.locator('.graphiql-doc-explorer-content > .graphiql-markdown-description').first();
    assert.ok((await description.textContent()).trim().length > 10, 'the type has a description');
    await page.screenshot({ path: screenshot('playground-docs') });
  });

  check('builds a query in the explorer', {}, async (page) => {
    await type(page, '{ artists(first: 3) { totalCount } }');
    await page.getByRole('button', { name: 'Show GraphiQL Explorer' }).click();
    const explorer = page.locator('.docExplorerWrap');
    await explorer.getByText('customers', { exact: true }).click();
    await page.locator('.graphiql-query-editor .view-lines', { hasText: 'customers' }).waitFor();
    await page.screenshot({ path: screenshot('playground-explorer') });
  });

  check('switches between dark and light', { colorScheme: 'light' }, async (page) => {
    const background = () =>
      page.locator('.graphiql-container').evaluate((element) => getComputedStyle(element).backgroundColor);
    const light = await background();
    await chooseTheme(page, 'Dark');
    const dark = await background();
    assert.notEqual(dark, light);
    await run(page);
    await page.getByRole('button', { name: 'Show Statements' }).click();
    await page.screenshot({ path: screenshot('playground-dark') });
    await chooseTheme(page, 'Light');
    assert.equal(await background(), light);
  });

  check('remembers what was run, and the tabs', {}, async (page) => {
    await type(page, `query Remembered ${ARTISTS}`);
    await page.getByRole('tab', { name: 'Remembered' }).waitFor();
    await run(page);
    await page.reload();
    await ready(page);
    await page.getByRole('tab', { name: 'Remembered' }).waitFor();
    await page.getByRole('button', { name: 'Show History' }).click();
    await page.locator('.graphiql-history-item', { hasText: 'Remembered' }).waitFor();
  });

  check('sends the headers and variables of the editors', {}, async (page) => {
    await type(page, 'query Headed($n: Int!) { artists(first: $n) { nodes { name } } }');
    await fill(page, 'variables', '{"n": 2}');
    await page.getByRole('button', { name: 'Headers', exact: true }).click();
    await fill(page, 'headers', '{"X-Playground-Test": "yes"}');
    const { data, sent } = await run(page);
    assert.equal(sent['x-playground-test'], 'yes');
    assert.equal(data.artists.nodes.length, 2);
  });
});

describe('The Statements pane of a server that keeps what it reads', { skip: skipBrowser || skipOwn, timeout: 1_200_000 }, () => {
  let browser;
  let server;
  before(async () => {
    browser = await launch();
    server = await startServer('--cache=entities');
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  test('shows where the keys of a batch were found', async () => {
    const { page, context, faults } = await visit(browser, '/', { server: server.url });
    await ready(page);
    await type(page, '{ artists(first: 1) { nodes { id } } }');
    const { data } = await run(page);
    await type(page, `{ artist(id: "${data.artists.nodes[0].id}") { name } }`);
    await page.getByRole('button', { name: 'Show Statements' }).click();
    const shown = page.locator('.batch', { hasText: 'ArtistByID' }).locator('.tier');
    await run(page);
    await shown.filter({ hasText: /^1 (miss|hit in process|hit in Redis)$/ }).waitFor();
    // Once it is kept it is found in the process, and no statement runs.
    for (const end = Date.now() + 180_000; ; ) {
      const { extensions } = await run(page);
      if (extensions.backline.batches[0].cache.local === 1) break;
      assert.ok(Date.now() < end, 'the artist is not kept');
    }
    await shown.filter({ hasText: '1 hit in process' }).waitFor();
    assert.equal(await page.getByTestId('statement-count').textContent(), '0');
    await page.screenshot({ path: screenshot('playground-cache') });
    assert.deepEqual(faults, []);
    await context.close();
  });
});

describe('Signing in', { skip: skipBrowser, timeout: 1_200_000 }, () => {
  let browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  const who = (page) => page.getByRole('combobox', { name: 'Signed in as' });
  const chosen = (page) => who(page).locator('option:checked').textContent();
  /** The claims of the token that a request carried; null if it carried none. */
  const claims = ({ authorization }) =>
    authorization ? JSON.parse(Buffer.from(authorization.split('.')[1], 'base64url')) : null;

  /** Opens the Playground, and checks at the end that nothing went wrong but what is expected. */
  function check(name, options, steps, expected = /^$/) {
    test(name, async () => {
      const { page, context, faults } = await visit(browser, '/', options);
      try {
        await ready(page);
        await who(page).locator('optgroup[label="Customers"] option').first().waitFor({ state: 'attached' });
        await steps(page);
        assert.deepEqual(faults.filter((fault) => !expected.test(fault)), []);
      } catch (error) {
        await page.screenshot({ path: screenshot(`failed ${name}`) });
        throw error;
      } finally {
        await context.close();
      }
    });
  }

  check('nobody, until somebody is chosen', {}, async (page) => {
    assert.equal(await chosen(page), 'Nobody');
    await type(page, ARTISTS);
    assert.equal(claims((await run(page)).sent), null);
  });

  for (const theme of ['light', 'dark']) {
    check(`as a customer, an employee and an administrator, in the ${theme}`, { colorScheme: theme }, async (page) => {
      await type(page, ARTISTS);
      for (const [group, prefix, scope] of [['Customers', 'cus_', undefined], ['Employees', 'emp_', 'staff'], ['Everything', 'admin', 'admin']]) {
        const option = who(page).locator(`optgroup[label="${group}"] option`).first();
        await who(page).selectOption(await option.getAttribute('value'));
        const { sent, data } = await run(page);
        const { sub, scope: scopes, exp } = claims(sent);
        assert.ok(sub.startsWith(prefix), sub);
        assert.equal(scopes, scope);
        assert.ok(exp * 1000 > Date.now());
        assert.ok(data.artists.nodes.length > 0);
        assert.equal(await chosen(page), await option.textContent());
        await page.screenshot({ path: screenshot(`sign-in-${group.toLowerCase()}-${theme}`) });
      }
      await who(page).selectOption('');
      assert.equal(claims((await run(page)).sent), null);
    });
  }

  check('as a customer, who sees their own invoices and nobody else’s', {}, async (page) => {
    const ids = await who(page).locator('optgroup[label="Customers"] option').evaluateAll((options) => options.map((o) => o.value));
    const { token } = await (await fetch(`${serverUrl}/dev/token`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"id":"admin"}',
    })).json();
    const everything = await ask(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer { id invoices(first: 1) { nodes { id } } } } }',
      { variables: { ids }, headers: { authorization: `Bearer ${token}` } },
    );
    const all = everything.data.nodes.filter(({ invoices }) => invoices.nodes.length > 0);
    assert.ok(all.length >= 2, 'two customers with invoices');
    const [ours, theirs] = all;
    const [our, their] = [ours, theirs].map(({ invoices }) => invoices.nodes[0].id);

    await type(page, [
      '{ customers(first: 10) { totalCount nodes { id invoices(first: 20) { nodes { id customer { id } } } } }',
      `ours: invoice(id: "${our}") { id }`,
      `theirs: invoice(id: "${their}") { id total }`,
      `node(id: "${their}") { id }`,
      `customer(id: "${theirs.id}") { invoices(first: 1) { totalCount } } }`,
    ].join(' '));
    await who(page).selectOption(ours.id);
    const { data, errors } = await run(page);
    assert.equal(errors, undefined);
    assert.equal(data.customers.totalCount, 1);
    assert.deepEqual(data.customers.nodes.map(({ id }) => id), [ours.id]);
    const invoices = data.customers.nodes[0].invoices.nodes;
    assert.ok(invoices.length > 0 && invoices.every(({ customer }) => customer.id === ours.id), JSON.stringify(invoices));
    assert.deepEqual([data.ours.id, data.theirs, data.node, data.customer], [our, null, null, null]);
    const shown = page.locator('.result-window');
    await shown.filter({ hasText: our }).waitFor();
    assert.ok(!(await shown.textContent()).includes(their));
    await page.screenshot({ path: screenshot('sign-in-own-invoices') });
  });

  check('stays over a reload, without a token in the browser', {}, async (page) => {
    await type(page, ARTISTS);
    await who(page).selectOption({ index: 1 });
    const name = await chosen(page);
    const first = claims((await run(page)).sent);
    const stored = JSON.stringify(await page.evaluate(() => ({ ...localStorage, ...sessionStorage, cookies: document.cookie })));
    assert.doesNotMatch(stored, /eyJ/);
    await page.reload();
    await ready(page);
    assert.equal(await chosen(page), name);
    assert.equal(claims((await run(page)).sent).sub, first.sub);
  });

  check('another ID, and one that is nobody', {}, async (page) => {
    await type(page, ARTISTS);
    const id = await who(page).locator('optgroup[label="Employees"] option').last().getAttribute('value');
    await who(page).selectOption('…');
    const field = page.getByRole('textbox', { name: 'ID to sign in as' });
    await field.fill(id);
    await field.press('Enter');
    assert.equal(claims((await run(page)).sent).sub, id);

    await who(page).selectOption('…');
    await field.fill('cus_nobody');
    await field.press('Enter');
    await page.locator('.sign-in').getByRole('alert').waitFor();
    await page.screenshot({ path: screenshot('sign-in-nobody') });
    await who(page).selectOption('');
    await page.locator('.sign-in').getByRole('alert').waitFor({ state: 'detached' });
    assert.equal(claims((await run(page)).sent), null);
  }, /status of 400/);

  check('a credential written by hand goes first', {}, async (page) => {
    await who(page).selectOption({ index: 1 });
    await type(page, ARTISTS);
    await page.getByRole('button', { name: 'Headers', exact: true }).click();
    await fill(page, 'headers', '{"X-API-Key": "blk_none"}');
    const { sent, errors } = await run(page);
    assert.equal(sent.authorization, undefined);
    assert.equal(errors[0].extensions.code, 'UNAUTHENTICATED');
  }, /status of 401/);
});

/** Waits until the schema has arrived and the editor can be used. */
async function ready(page) {
  await page.locator('.graphiql-query-editor .monaco-editor .view-lines').waitFor();
  await page.locator('.graphiql-container .graphiql-spinner').waitFor({ state: 'detached' });
}

/** Replaces the text of the operation editor by typing. */
async function type(page, query) {
  const lines = page.locator('.graphiql-query-editor .view-lines');
  await lines.click();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.press('Delete');
  await shows(lines, (length) => length === 0);
  await page.keyboard.type(query.endsWith('}') ? '' : query, { delay: 20 });
  // A whole query goes in at once, or the editor would close each bracket by itself.
  if (query.endsWith('}')) await page.keyboard.insertText(query);
  await shows(lines, (length) => length >= query.replace(/\s/g, '').length);
}

/**
 * Waits for the length of the text that an editor shows, without blanks. The editor follows what is typed frame by
 * frame of the screen, and a text that is put in faster than that may be taken for a change of what was there before.
 */
async function shows(lines, isEnough) {
  for (const end = Date.now() + 120_000; ; ) {
    const shown = (await lines.innerText()).replace(/\s/g, '');
    if (isEnough(shown.length)) return;
    assert.ok(Date.now() < end, `the editor shows ${JSON.stringify(shown)}`);
  }
}

/** Puts a text into the editor of variables or headers. */
async function fill(page, editor, text) {
  const lines = page.locator(`.graphiql-editor-tool .monaco-editor[data-uri*="${editor}"] .view-lines`);
  await lines.click();
  await page.keyboard.insertText(text);
  await shows(lines, (length) => length >= text.replace(/\s/g, '').length);
}

/** Executes what the editor holds; returns the response, and as sent the headers of the request. */
async function run(page) {
  const answered = page.waitForResponse((response) => {
    const request = response.request();
    return request.method() === 'POST' && new URL(response.url()).pathname === '/graphql';
  });
  await page.getByRole('button', { name: /^Execute query/ }).click();
  const response = await answered;
  const body = await response.json();
  await page.locator('.result-window .view-line').first().waitFor();
  return { ...body, sent: response.request().headers() };
}

async function chooseTheme(page, theme) {
  await page.getByRole('button', { name: 'Open settings dialog' }).click();
  await page.getByRole('dialog').getByRole('button', { name: theme, exact: true }).click();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}
