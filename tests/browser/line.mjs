// Somebody in front of the session page, a bridge for it, and a model that says what the test says.

import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { Tab, assertNone } from './tab.mjs';

export const is = (found, expected, what) => {
  if (found !== expected) throw new Error(`${what}: ${found}, not ${expected}`);
};

/** One client of a session. Everything is found by the names that assistive technology sees. */
export class Line {
  static async join(browser, hub, { session, name, complaints, ...options }) {
    const tab = await Tab.open(browser, `${hub}/session`, name, complaints, options);
    const line = new Line(tab, name);
    await tab.page.setViewportSize({ width: 1280, height: 800 });
    await tab.page.getByRole('textbox', { name: 'Session' }).fill(session);
    await tab.page.getByRole('textbox', { name: 'Your name' }).fill(name);
    await tab.press('Join');
    if (!options.isRefused) await tab.stands('Connected');
    return line;
  }

  constructor(tab, name) {
    this.tab = tab;
    this.page = tab.page;
    this.name = name;
    this.log = tab.log;
    this.contacts = this.page.getByRole('list', { name: 'Contacts', exact: true });
    this.people = this.page.getByRole('list', { name: 'Who is here' });
    this.activity = this.page.getByRole('log', { name: 'Activity' });
    this.answers = this.page.getByRole('log', { name: 'Answers of the AI' });
    this.search = this.page.getByRole('searchbox');
    this.banner = this.page.getByText('Simulated: no bridge to WhatsApp is here');
  }

  async add(name, phone = '') {
    const field = this.page.getByRole('textbox', { name: 'Name', exact: true });
    if (!await field.isVisible()) await this.page.getByText('Add a contact').click();
    await field.fill(name);
    await this.page.getByRole('textbox', { name: 'Phone' }).fill(phone);
    await this.tab.press('Add');
    await this.knows(name);
  }

  contact(name) {
    return this.contacts.getByRole('button').filter({ has: this.page.getByText(name, { exact: true }) });
  }

  knows(name) {
    return this.contact(name).first().waitFor();
  }

  async open(name) {
    await this.contact(name).first().click();
    await this.page.getByRole('heading', { name, exact: true }).waitFor();
  }

  /** The lines with exactly this text are so many, and each has this note. */
  async reads(text, note, count = 1) {
    const lines = this.log.locator('.line').filter({ has: this.page.getByText(text, { exact: true }) });
    await lines.filter({ hasText: note }).nth(count - 1).waitFor();
    is(await lines.count(), count, `${this.name} reads “${text}”`);
  }

  async say(sentence) {
    await this.page.getByRole('textbox', { name: 'Say what to do' }).fill(sentence);
    await this.tab.press('Do it');
  }

  async ask(prompt) {
    await this.page.getByRole('textbox', { name: 'Ask the AI' }).fill(prompt);
    await this.tab.press('Ask');
  }

  happens(text) {
    return this.activity.getByText(text).first().waitFor();
  }
}

/** What carries out what a session sends: a socket in a tab, with nothing but what the test says. */
export class Bridge {
  static async to(browser, hub, session) {
    const page = await (await browser.newContext()).newPage();
    // A file of the hub's, so that the socket comes from where it may.
    await page.goto(`${hub}/pages/shared/icon.svg`);
    await page.evaluate(([name]) => new Promise((settle) => {
      const socket = new WebSocket(location.origin.replace('http', 'ws'));
      window.given = [];
      window.tell = (frame) => socket.send(JSON.stringify(frame));
      window.leave = () => socket.close(1000);
      socket.onopen = () => window.tell({ type: 'register', client_name: 'bridge', session: name, role: 'bridge' });
      socket.onmessage = ({ data }) => {
        const frame = JSON.parse(data);
        if (frame.type === 'registration_confirmed') settle();
        if (frame.type === 'whatsapp_action') window.given.push(frame);
      };
    }), [session]);
    return new Bridge(page);
  }

  constructor(page) {
    this.page = page;
  }

  /** What it was given so far, once there are so many. */
  async given(count) {
    await this.page.waitForFunction((least) => window.given.length >= least, count, { timeout: 10_000 });
    return this.page.evaluate(() => window.given);
  }

  report({ request_id: id }, content) {
    return this.tell({ type: 'whatsapp_action_result', request_id: id, content });
  }

  tell(frame) {
    return this.page.evaluate((said) => window.tell(said), frame);
  }

  leave() {
    return this.page.evaluate(() => window.leave());
  }
}

/** Stands between a page and its hub from the next reload on, and says to the page what `alter` makes of what the hub says. */
export class Meddler {
  static async on(page) {
    const meddler = new Meddler();
    await page.routeWebSocket('**', (near) => {
      meddler.near = near;
      near.connectToServer().onMessage((text) => near.send(JSON.stringify(meddler.alter(JSON.parse(text)))));
    });
    return meddler;
  }

  alter = (frame) => frame;

  hangUp(code) {
    return this.near.close({ code });
  }
}

/** Speaks as OpenAI's chat completions do. Each answer comes in the pieces that the test gives, when it gives them. */
export class Model {
  static async at(port) {
    const model = new Model();
    const server = createServer((request, response) => model.#take(request, response));
    await new Promise((settle) => server.listen(port, '127.0.0.1', settle));
    model.close = () => server.closeAllConnections() ?? server.close();
    return model;
  }

  asked = [];
  #waiting = [];

  /** The next question that came, as something to `say` pieces to and to `end`. */
  async next() {
    if (this.asked.length) return this.asked.shift();
    return new Promise((settle) => this.#waiting.push(settle));
  }

  async #take(request, response) {
    let body = '';
    for await (const piece of request) body += piece;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (chunk) => response.write(`data: ${JSON.stringify({ id: '1', object: 'chat.completion.chunk', ...chunk })}\n\n`);
    const question = {
      body: JSON.parse(body),
      isGone: new Promise((settle) => response.on('close', settle)),
      say: (content) => send({ choices: [{ index: 0, delta: { content }, finish_reason: null }] }),
      end() {
        send({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
        send({ choices: [], usage: { prompt_tokens: 8, completion_tokens: 4, total_tokens: 12 } });
        response.end('data: [DONE]\n\n');
      },
    };
    const asker = this.#waiting.shift();
    if (asker) asker(question);
    else this.asked.push(question);
  }
}

/** Tells one story after the other, each in a session whose name nobody else has: `act(enter(name, hub, options), session)`. */
export const stories = (browser, complaints) => async (hub, act) => {
  const session = randomUUID();
  await act((name, at = hub, options = {}) => Line.join(browser, at, { session, name, complaints, ...options }), session);
  for (const context of browser.contexts()) await context.close();
};
