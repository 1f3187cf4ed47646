// Whoever looks after the house watches it live, and sends somebody away, in a real Chromium.
//
//     ADMIN_TOKEN=… AUTH_TOKEN=… node dashboard.mjs http://127.0.0.1:8002 [folder for screenshots]
//
// The hub has these tokens, logs at DEBUG, and others may be there. As two_tabs.mjs otherwise.

import { join } from 'node:path';
import { assertAccessible, assertFitsEverywhere } from './accessible.mjs';
import { HOSTILE } from './hostile_strings.mjs';
import { Network } from './network.mjs';
import { Failure, Tab, check, connectedTo, run, withBrowser } from './tab.mjs';

const SECRET_TEXT = 'nobody is to read this in a log';

/** Somebody in front of the dashboard. */
class Operator {
  constructor(tab) {
    this.tab = tab;
    this.page = tab.page;
    this.field = this.page.getByRole('textbox', { name: 'Token' });
    this.clients = this.page.getByRole('region', { name: 'Clients' }).getByRole('listitem');
    this.log = this.page.getByRole('log', { name: 'Log' });
    this.state = this.page.locator('#state');
    this.live = [];
    this.page.on('request', (request) => request.url().endsWith('/admin/live') && this.live.push(request));
  }

  async enter(token) {
    await this.field.fill(token);
    await this.field.press('Enter');
  }

  figure(name) {
    return this.page.getByRole('figure', { name, exact: true });
  }

  async number(name) {
    return Number((await this.figure(name).textContent()).replaceAll(',', ''));
  }

  /** The figure comes to be so much, by itself. */
  reaches(name, value) {
    return this.figure(name).and(this.page.getByText(String(value), { exact: true })).waitFor();
  }

  is(words) {
    return this.state.and(this.page.getByText(words)).waitFor();
  }

  /** The cell behind this word in the table of this name. */
  cell(table, word) {
    return this.page.getByRole('table', { name: table }).getByRole('row', { name: word }).getByRole('cell').last();
  }
}

async function comesIn(operator, { user, admin }) {
  await check('the dashboard asks for a token', () => operator.is('Not connected'));
  await assertAccessible(operator.page, 'asking for a token');
  await operator.enter('wrong-token-of-nobody');
  await check('a wrong one opens nothing', () => operator.page.getByRole('alert').getByText('This token opens nothing here.').waitFor());
  await operator.enter(user);
  await check('nor does one of users', () => operator.page.getByRole('alert').getByText('This token is not one of administrators.').waitFor());
  await operator.enter(admin);
  await check('one of administrators does', () => operator.is('Live'));
  await check('and whoever uses the keyboard alone goes on behind it', () => operator.page.locator('#house:focus').waitFor());
}

async function watches(operator, open) {
  const [online, pairs] = [await operator.number('People online'), await operator.number('Pairs')];
  const chats = await operator.number('Chats begun');
  const [a, b] = [await open('Ada'), await open('Ben')];
  await check('who comes is counted at once', () => operator.reaches('People online', online + 2));
  await a.takeNickname();
  await b.takeNickname();
  await a.press('Meet');
  await check('and who waits', () => operator.reaches('Waiting', 1));
  await b.press('Meet');
  await check('and who met', async () => {
    await b.sees(connectedTo('Ada'));
    await operator.reaches('Pairs', pairs + 1);
    await operator.reaches('Waiting', 0);
    await operator.reaches('Chats begun', chats + 1);
  });
  const before = Number(await operator.cell('Messages', 'Delivered').textContent());
  await a.type(SECRET_TEXT);
  await b.sees(SECRET_TEXT);
  await check('and what is said', () => operator.cell('Messages', 'Delivered').and(operator.page.getByText(String(before + 1), { exact: true })).waitFor());
  await check('how long they waited and it took is drawn', async () => {
    for (const name of ['Wait for a partner', 'Delivery of a message']) {
      await operator.page.getByRole('table', { name }).getByRole('row', { name: /^up to [\d.]+ (µs|ms|s) / }).first().waitFor();
    }
  });
  await check('the hour is drawn, and told in words', async () => {
    await operator.page.getByRole('img', { name: /^Messages a second: messages now [\d.]+, at most [\d.]+$/ }).waitFor({ timeout: 15_000 });
    await operator.page.getByRole('img', { name: /^People: online now \d+, .*pairs now \d+/ }).waitFor();
  });
  return [a, b];
}

async function readsTheLog(operator) {
  await check('the log is told as it comes', () => operator.log.getByText('A client is on a call').first().waitFor());
  await check('and has nothing that was said', async () => {
    const text = await operator.log.textContent();
    if (text.includes(SECRET_TEXT) || text.includes('Ada')) throw new Error(text);
  });
  await operator.page.getByLabel('Show').selectOption('WARN');
  await check('what matters less can be left out', () => operator.log.getByText('A client is on a call').first().waitFor({ state: 'hidden' }));
  await operator.page.getByLabel('Show').selectOption('DEBUG');
}

async function sendsAway(operator, guest) {
  const search = operator.page.getByRole('searchbox', { name: 'Search clients' });
  await search.fill('no such client');
  await check('nobody is called so', () => operator.page.getByText('Nobody is found.').waitFor());
  await search.fill('CHAT_page');
  await check('clients are found by their name', () => operator.clients.nth(1).waitFor());
  // Whoever registered last stands anywhere: all are tried until it is theirs.
  const { id } = guest;
  await search.fill(id);
  await check('and by their id', async () => {
    await operator.clients.nth(1).waitFor({ state: 'detached' });
    await operator.clients.getByText(id).waitFor();
  });
  const remove = operator.page.getByRole('button', { name: `Remove ${id}` });
  await remove.click();
  await operator.page.getByRole('button', { name: `Really remove ${id}?` }).waitFor();
  await operator.page.keyboard.press('Tab');
  await check('a first press asks, and whoever goes on was only asked', () => remove.waitFor());
  await remove.focus();
  await operator.page.keyboard.press('Enter');
  await operator.page.keyboard.press('Enter');
  await check('a second one removes', async () => {
    await operator.page.getByText(`Removed ${id}.`).waitFor();
    await operator.clients.first().waitFor({ state: 'detached' });
    await guest.closed;
  });
  await check('and the close is counted by its code', () => operator.cell('Sockets closed, by code', /^4503/).waitFor());
  await search.fill('');
}

/** Somebody who is there by a socket alone, and is told when it closes. */
async function guest(page, name) {
  const id = await page.evaluate((client_name) => new Promise((resolve) => {
    const socket = new WebSocket(new URL('/ws', location.href));
    window.closes = new Promise((closed) => { socket.onclose = ({ code }) => closed(code); });
    socket.onopen = () => socket.send(JSON.stringify({ type: 'register', client_name, session: client_name, nickname: client_name }));
    socket.onmessage = ({ data }) => resolve(JSON.parse(data).client_id);
  }), name);
  const closed = page.evaluate(() => window.closes).then((code) => {
    if (code !== 4503) throw new Error(`closed with ${code}`);
  });
  return { id, closed };
}

/** Somebody says goodbye, and comes anew under the same id in another session. */
async function isUpToDate(operator, page) {
  const search = operator.page.getByRole('searchbox', { name: 'Search clients' });
  const comes = (session) => page.evaluate((where) => new Promise((resolve) => {
    window.mover?.close(1000);
    window.mover = new WebSocket(new URL('/ws', location.href));
    window.mover.onopen = () => window.mover.send(JSON.stringify({ type: 'register', client_id: 'the-mover', session: where }));
    window.mover.onmessage = ({ data }) => JSON.parse(data).type === 'registration_confirmed' && resolve();
  }), session);
  await search.fill('the-mover');
  await comes('the-first-place');
  await operator.clients.getByText('the-first-place').waitFor();
  await operator.page.route('**/admin/clients*', (route) => route.fulfill({ status: 503 }));
  await check('a list that cannot be read leaves what was known', async () => {
    await operator.page.getByText('The list can’t be read just now.').waitFor();
    await operator.clients.getByText('the-first-place').waitFor();
  });
  await operator.page.unroute('**/admin/clients*');
  await page.evaluate(() => new Promise((resolve) => {
    window.mover.onclose = resolve;
    window.mover.close(1000);
  }));
  await comes('the-second-place');
  await check('whoever is elsewhere now is shown there', async () => {
    await operator.clients.getByText('the-second-place').waitFor();
    await operator.clients.getByText('the-first-place').waitFor({ state: 'detached' });
  });
  await search.fill('');
}

/** Names that are no name: each is shown as it is, and nothing comes of it. */
async function isNotFooled(operator, page) {
  const names = HOSTILE.map((text) => text.trim()).filter((text) => text && new TextEncoder().encode(text).length <= 64);
  // Of an earlier run some may still be there.
  const crowd = `crowd ${Date.now()}`;
  const taken = await page.evaluate(([all, prefix]) => Promise.all(all.map((client_name) => new Promise((resolve) => {
    const socket = new WebSocket(new URL('/ws', location.href));
    socket.onopen = () => socket.send(JSON.stringify({ type: 'register', client_name, session: `${prefix} ${client_name}` }));
    socket.onmessage = ({ data }) => resolve(JSON.parse(data).type === 'registration_confirmed' ? client_name : null);
  }))), [names, crowd]);
  const expected = taken.filter(Boolean);
  if (expected.length < 50) throw new Failure(`FAILED only ${expected.length} hostile names were taken`);
  await operator.page.getByRole('searchbox', { name: 'Search clients' }).fill(crowd);
  await check(`${expected.length} hostile names are only text`, async () => {
    for (let shown = 50; shown < expected.length; shown += 50) {
      await operator.page.getByText(`${shown} and more found`).waitFor();
      await operator.page.getByRole('button', { name: 'Show more' }).click();
    }
    await operator.page.getByText(`${expected.length} found`, { exact: true }).waitFor();
    const shown = new Set(await operator.clients.locator('b').allTextContents());
    const missing = expected.filter((name) => !shown.has(name));
    if (missing.length) throw new Error(`not shown: ${missing.join('\n')}`);
  });
  await assertFitsEverywhere(operator.page, 'the dashboard with hostile names');
  await operator.page.getByRole('searchbox', { name: 'Search clients' }).fill('');
}

async function looks(operator, folder) {
  const { page } = operator;
  const shot = (name) => page.screenshot({ path: join(folder, `dashboard-${name}.png`), fullPage: true });
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await shot(colorScheme);
  }
  await page.emulateMedia({ media: 'print', colorScheme: 'light' });
  await shot('print');
  await page.emulateMedia({ media: 'screen' });
  const desktop = page.viewportSize();
  await page.setViewportSize({ width: 360, height: 740 });
  await shot('phone');
  await page.setViewportSize(desktop);
}

async function losesTheLine(operator, network) {
  if (operator.live.length !== 3) throw new Failure(`FAILED the figures were asked for ${operator.live.length} times, not 3`);
  const pause = operator.page.getByRole('button', { name: 'Pause' });
  await pause.click();
  const newest = await operator.log.locator('p').last().textContent();
  network.cut();
  await check('a lost line is told, with what was known last', async () => {
    await operator.is('Connection lost. Trying again');
    await operator.figure('People online').waitFor();
  });
  await assertAccessible(operator.page, 'the line is lost');
  network.mend();
  await check('and it comes back by itself', () => operator.is('Live'));
  await check('while whoever made a pause goes on reading', async () => {
    if (await operator.log.locator('p').last().textContent() !== newest) throw new Error('the lines changed');
    await pause.click();
    await operator.log.locator('p').nth(1).waitFor();
  });
  await operator.page.reload();
  await check('also over a reload, without asking again', () => operator.is('Live'));
}

run(async ([url, folder]) => {
  const { ADMIN_TOKEN: admin, AUTH_TOKEN: user } = process.env;
  if (!url || !admin || !user) throw new Failure('usage: ADMIN_TOKEN=… AUTH_TOKEN=… node dashboard.mjs http://127.0.0.1:PORT [folder]');
  const network = await Network.to(url);
  await withBrowser(folder, async (browser, screenshots, complaints) => {
    const open = (nickname, path = '/') => Tab.open(browser, `${url}${path}`, nickname, complaints);
    const tab = await Tab.open(browser, `${network.url}/dashboard`, 'Olga', complaints, { breaks: true, isRefused: true });
    const operator = new Operator(tab);
    await comesIn(operator, { user, admin });
    const others = await watches(operator, open);
    await readsTheLog(operator);
    const elsewhere = (await open('Guest', '/pages/shared/icon.svg')).page;
    await sendsAway(operator, await guest(elsewhere, 'a-guest'));
    await assertAccessible(operator.page, 'the dashboard');
    await assertFitsEverywhere(operator.page, 'the dashboard');
    await looks(operator, screenshots);
    await isUpToDate(operator, elsewhere);
    await isNotFooled(operator, elsewhere);
    await losesTheLine(operator, network);
    await Promise.all(others.map(({ page }) => page.context().close()));
  });
  network.close();
});
