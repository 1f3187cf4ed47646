// Somebody in front of a page that asks for a token.

export const TICKETS = '/api/v1/tickets';

export const is = (found, expected, what) => {
  if (found !== expected) throw new Error(`${what}: ${found}, not ${expected}`);
};

/** Somebody in front of a tab, and all that leaves it. */
export class Caller {
  /** They look at a picture first, so that not even the first request of the chat page is missed. */
  static async at(url, open, nickname, options) {
    const caller = new Caller(await open(`${url}/pages/shared/icon.svg`, nickname, options));
    await caller.tab.page.goto(url);
    return caller;
  }

  sockets = [];
  requests = [];
  console = [];

  constructor(tab) {
    const { page } = tab;
    this.tab = tab;
    this.form = page.getByRole('form', { name: 'This hub asks for a token.' });
    this.field = page.getByLabel('Token', { exact: true });
    this.complaint = this.form.getByRole('alert');
    page.on('websocket', (socket) => this.sockets.push(socket.url()));
    page.on('request', (request) => this.requests.push(request));
    page.on('console', (message) => this.console.push(message.text()));
  }

  async enter(token) {
    await this.field.fill(token);
    await this.field.press('Enter');
  }

  hears(text) {
    return this.complaint.getByText(text).or(this.complaint.and(this.tab.page.getByText(text))).first().waitFor();
  }

  get tickets() {
    return this.requests.filter((request) => new URL(request.url()).pathname === TICKETS);
  }

  /** What the page asked for until now is known: the browser tells of requests in their order. */
  settled() {
    return this.tab.page.evaluate(async () => { await fetch('health'); });
  }

  async later(millis) {
    await this.tab.page.clock.fastForward(millis);
    await this.settled();
  }

  async isIn(where) {
    await this.tab.stands(where);
    await this.form.waitFor({ state: 'hidden' });
  }
}
