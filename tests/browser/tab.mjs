// People in front of tabs of a real browser, and the checks that name what they see.

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const PATIENCE = 10_000;
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-dev-shm-usage', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];
// What the browser says of a network that is gone, and of a hub that says no.
const BROKEN = /^(WebSocket connection to |Failed to load resource: net::)/;
const REFUSED = /^Failed to load resource: the server responded with a status of (401|403|429|503) /;

export const SEARCHING = '🔍 Looking for someone to chat with... Please wait while we find you a partner!';
export const PARTNER_LEFT = 'Your partner left the chat. Use #meet to find a new one.';
export const connectedTo = (nickname) => `🎉 Connected! You're now chatting with ${nickname}. Say hello!`;

export class Failure extends Error {}

export async function check(what, act) {
  try {
    await act();
  } catch (error) {
    throw new Failure(`FAILED ${what}\n${error.message}`);
  }
  console.log(`ok ${what}`);
}

export function assertNone(found, what) {
  if (found.length) throw new Error(`${what}:\n${found.join('\n')}`);
}

function findBrowser() {
  const candidates = [process.env.CHROMIUM, '/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];
  const found = candidates.find((path) => path && existsSync(path));
  if (!found) throw new Failure('FAILED no browser: apt-get install chromium-headless-shell, or set CHROMIUM');
  return found;
}

/** One person in front of one tab. Everything is found by the names that assistive technology sees. */
export class Tab {
  /** `breaks` is for a tab whose network will be cut, `isRefused` for one that the hub will turn away: the browser complains of
   *  that, and may. `before` runs in the page before its own code. */
  static async open(browser, url, nickname, complaints, { breaks = false, isRefused = false, clock = false, before } = {}) {
    const context = await browser.newContext({ viewport: { width: 1000, height: 800 } });
    context.setDefaultTimeout(PATIENCE);
    const page = await context.newPage();
    if (before) await page.addInitScript(before);
    const excused = [...(breaks ? [BROKEN] : []), ...(isRefused ? [REFUSED] : [])];
    listenForComplaints(page, nickname, new URL(url).host, complaints, excused);
    if (clock) await page.clock.install();
    await page.goto(url);
    return new Tab(page, nickname);
  }

  constructor(page, nickname) {
    this.page = page;
    this.nickname = nickname;
    this.log = page.getByRole('log', { name: 'Conversation' });
    this.status = page.getByRole('status');
    this.message = page.getByRole('textbox', { name: 'Message' });
    this.mask = page.getByRole('switch', { name: 'Hide phone numbers' });
  }

  press(name) {
    return this.page.getByRole('button', { name, exact: true }).click();
  }

  async type(text) {
    await this.message.fill(text);
    await this.message.press('Enter');
  }

  async send(text) {
    await this.message.fill(text);
    await this.press('Send');
  }

  takeNickname() {
    return this.page.getByRole('textbox', { name: 'Nickname' }).fill(this.nickname);
  }

  /** The person looks at another tab, or back at this one. A headless browser shows all tabs at once, so it is told. */
  async looksAway(isAway = true) {
    await this.page.evaluate((hidden) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => (hidden ? 'hidden' : 'visible') });
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    }, isAway);
  }

  /** The log stands at its end, once the page has come to rest. */
  async showsTheEnd() {
    await this.stands('Idle');
    await this.page.waitForFunction(() => {
      const log = document.querySelector('[role=log]');
      return log.scrollHeight - log.scrollTop - log.clientHeight < 2;
    }, null, { timeout: 5000 });
  }

  /** The newest line with exactly this text, and `count` of them in all. */
  async sees(text, count = 1) {
    const lines = this.log.getByText(text, { exact: true });
    await lines.nth(count - 1).waitFor();
    const found = await lines.count();
    if (found !== count) throw new Error(`${this.nickname} sees ${found} times, not ${count}: ${text}`);
  }

  /** Of all that people wrote, the lines that begin so are these, each once and in this order. */
  async reads(beginning, lines) {
    await this.sees(lines.at(-1));
    const texts = await this.log.locator('.text').allTextContents();
    const found = texts.filter((text) => text.startsWith(beginning));
    if (found.join('\n') !== lines.join('\n')) throw new Error(`${this.nickname} reads:\n${found.join('\n')}`);
  }

  stands(text, options) {
    return this.status.and(this.page.getByText(text, options)).waitFor();
  }

  masking(checked) {
    return this.mask.and(this.page.getByRole('switch', { checked })).waitFor();
  }
}

function listenForComplaints(page, who, host, complaints, excused) {
  const note = (kind, text) => complaints.push(`${who}: ${kind}: ${text}`);
  const judgeAddress = (url) => url === 'about:blank' || new URL(url).host === host || note('foreign request', url);
  const isExcused = (text) => excused.some((excuse) => excuse.test(text));
  // A refused resource or script is reported on the console as well, so this covers the content security policy.
  page.on('console', (message) => message.type() === 'error' && !isExcused(message.text()) && note('console', message.text()));
  page.on('pageerror', (error) => note('exception', error.message));
  page.on('request', (request) => judgeAddress(request.url()));
  page.on('websocket', (socket) => judgeAddress(socket.url()));
  page.on('dialog', (dialog) => note('dialog', dialog.message()) && dialog.dismiss());
}

async function keepEvidence(browser, folder) {
  const pages = browser.contexts().flatMap((context) => context.pages());
  await Promise.all(pages.map((page, at) => page.screenshot({ path: join(folder, `failed-tab-${at + 1}.png`) })));
}

/** Runs `act(browser, folder, complaints)`, where no tab may have a reason to complain. */
export async function withBrowser(folder, act) {
  const screenshots = folder ?? await mkdtemp(join(tmpdir(), 'two-tabs-'));
  await mkdir(screenshots, { recursive: true });
  const complaints = [];
  // Playwright gives every launch an empty profile of its own and removes it afterwards.
  const browser = await chromium.launch({ executablePath: findBrowser(), args: FLAGS });
  try {
    await act(browser, screenshots, complaints);
    await check('no errors, dialogs, policy violations or foreign requests', () => assertNone(complaints, 'complaints'));
  } catch (error) {
    // What failed is told, also by a browser that can't show it any more.
    await keepEvidence(browser, screenshots).catch(() => {});
    throw error;
  } finally {
    await browser.close();
    console.log(`screenshots are in ${screenshots}`);
  }
}

/** The first failure ends the program with exit code 1, whatever is still open. */
export function run(main) {
  main(process.argv.slice(2)).catch((error) => {
    console.error(error instanceof Failure ? error.message : error.stack);
    process.exit(1);
  });
}
