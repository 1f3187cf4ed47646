// What the house tells of itself, as server-sent events. They are read with `fetch`, which can send the token in a header, as
// `EventSource` cannot.

import { pauseAfter } from '../shared/pause.js';
import { readRefusal } from '../shared/tickets.js';

// The figures come each second: who hears nothing for so long has lost the line.
const PATIENCE = 10_000;

export class Stream {
  /** When the next attempt begins, or 0. */
  retryAt = 0;
  /** What the person said when the page asked, or null. */
  token = null;
  #url;
  #on;
  #reading = null;
  #losses = 0;
  #retry = 0;
  #watch = 0;

  /** `on` holds the callbacks `open()`, `told(event)`, `down()` and `turnedAway(wait, isOver, why)`, of a token that is none
   *  of administrators. */
  constructor(url, on) {
    this.#url = url;
    this.#on = on;
  }

  /** Whether it makes sense to try at once. */
  get mayRetry() {
    return this.retryAt > 0;
  }

  async connect() {
    this.leave();
    const reading = this.#reading = new AbortController();
    this.#expect();
    try {
      const headers = { Authorization: `Bearer ${this.token}` };
      const answer = await fetch(this.#url, { headers, signal: reading.signal, cache: 'no-store', redirect: 'error' });
      if (!answer.ok) return await this.#refused(answer, reading);
      this.#losses = 0;
      this.#on.open();
      await this.#read(answer.body.pipeThrough(new TextDecoderStream()));
    } catch {
      // No connection, or it broke.
    }
    if (this.#reading === reading) this.#lost();
  }

  /** Don't sit out a pause. */
  wake() {
    if (this.retryAt) this.connect();
  }

  leave() {
    clearTimeout(this.#retry);
    clearTimeout(this.#watch);
    this.retryAt = 0;
    // First it is nobody's: what ends because of this is no loss.
    const reading = this.#reading;
    this.#reading = null;
    reading?.abort();
  }

  async #read(texts) {
    let rest = '';
    for (const reader = texts.getReader(); ;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.#expect();
      const events = (rest + value).split('\n\n');
      rest = events.pop();
      for (const event of events) {
        const data = event.split('\n').find((line) => line.startsWith('data: '));
        if (data) this.#on.told(JSON.parse(data.slice(6)));
      }
    }
  }

  async #refused(answer, reading) {
    const { code, isOver, wait } = await readRefusal(answer);
    if (this.#reading !== reading) return;
    if (!['unauthorized', 'forbidden', 'rate_limited'].includes(code)) return this.#lost();
    this.leave();
    this.token = null;
    this.#on.turnedAway(wait, isOver, code === 'forbidden' ? 'This token is not one of administrators.' : undefined);
  }

  #expect() {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.#lost(), PATIENCE);
  }

  #lost() {
    this.leave();
    const pause = pauseAfter(this.#losses++);
    this.retryAt = Date.now() + pause;
    this.#retry = setTimeout(() => this.connect(), pause);
    this.#on.down();
  }
}
