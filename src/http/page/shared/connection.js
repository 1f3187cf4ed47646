// The line to the hub: one WebSocket, numbered requests, a watch over silence, and coming back after a loss. Where the hub asks
// for a token, each socket takes a ticket of its own.

import { pauseAfter } from './pause.js';
import { changeForTicket } from './tickets.js';

const QUIET_BEFORE_PING = 25_000;
// For whatever the hub owes us: a handshake, a confirmation, an answer, a pong.
const PATIENCE = 10_000;
// What may take longer than that, since somebody else has to answer first.
const SLOW = new Set(['whatsapp_command', 'whatsapp_ai_command', 'ai_request', 'get_summary']);

/** The close code when the time of a token is over. */
export const TOKEN_EXPIRED = 4005;
/** The close code when a newer connection goes on with the registration. */
export const TAKEN_OVER = 4501;
// From 4500 on the hub tells us not to come back; everything else is a loss that may pass.
const isFinal = (code) => code >= 4500 && code <= 4999;

/** Where the hub of this page is. */
export function socketUrl() {
  const url = new URL('ws', location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  return url;
}

export class Connection {
  /** The position of the last pushed frame that was dealt with. Every request tells the hub. */
  pos = null;
  /** When the next attempt begins, or 0. */
  retryAt = 0;
  /** What the person said when the hub asked, or null. */
  token = null;
  #url;
  #on;
  #socket = null;
  #changing = new AbortController();
  #losses = 0;
  #notBefore = 0;
  #retry = 0;
  #watch = 0;
  #isOwed = false;
  #lastId = 0;
  // Ids of a page that was reloaded may still come up, in `chat_message_failed`: they must not be ours.
  #idsBegin = `${crypto.getRandomValues(new Uint32Array(1))[0].toString(36)}-`;

  /** `on` holds the callbacks `open()`, `frame(frame)`, `down(code, isFinal)` and `turnedAway(wait, isOver)`, of a
   *  wrong token, or one whose time is over. */
  constructor(url, on) {
    this.#url = url;
    this.#on = on;
  }

  connect() {
    this.#giveUp();
    this.#expect();
    if (this.token === null) this.#open(this.#url);
    else this.#openWithTicket();
  }

  async #openWithTicket() {
    const { signal } = this.#changing = new AbortController();
    const { ticket, isWrong, isOver, wait } = await changeForTicket(this.token, signal);
    if (signal.aborted) return;
    if (isWrong) return this.#turnedAway(wait, isOver);
    if (wait) this.holdBack(wait);
    if (!ticket) return this.#lost(1006);
    const url = new URL(this.#url);
    url.searchParams.set('ticket', ticket);
    this.#open(url);
  }

  #open(url) {
    const socket = new WebSocket(url);
    this.#socket = socket;
    // A socket that was given up may still speak; only the current one counts.
    const current = (handler) => (event) => this.#socket === socket && handler(event);
    socket.onopen = current(() => this.#on.open());
    socket.onmessage = current((event) => this.#receive(JSON.parse(event.data)));
    socket.onclose = current((event) => this.#lost(event.code));
  }

  /** An id that no other request has. */
  newId() {
    return this.#idsBegin + ++this.#lastId;
  }

  /** Sends a frame and returns the id under which its answer will come, or null without a connection. */
  send(frame, id = this.newId()) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return null;
    this.#socket.send(JSON.stringify({ last_pos: this.pos, ...frame, request_id: id }));
    // Whether the line stands is not for a slow answer to say: that of a ping overtakes it.
    if (SLOW.has(frame.type)) this.send({ type: 'ping' });
    else if (frame.type !== 'chat_typing') this.#expect();
    return id;
  }

  /** Registered: the hub is well, so the next loss starts with a short pause again. */
  settled() {
    this.#losses = 0;
  }

  /** The hub asked for a pause: the next attempt comes no earlier. */
  holdBack(ms) {
    this.#notBefore = Date.now() + ms;
  }

  /** Whether the next attempt may begin at once: the hub did not ask for a pause. */
  get mayRetry() {
    return this.retryAt > 0 && Date.now() >= this.#notBefore;
  }

  /** Something changed (the network, the tab is looked at, the person presses): don't sit out a pause, and find out whether the line still stands. */
  wake() {
    if (!this.retryAt) this.send({ type: 'ping' });
    else if (this.mayRetry) this.connect();
  }

  /** Hangs up. 1000 is a goodbye: the partner need not wait. Without a code the hub waits for us to come back. */
  leave(code) {
    this.#giveUp();
    this.#socket?.close(code);
    this.#socket = null;
  }

  #receive(frame) {
    this.#isOwed = false;
    this.#listen();
    this.#on.frame(frame);
    if (frame.pos) this.pos = frame.pos;
  }

  // A dead network says nothing, and the browser may need minutes to notice: silence is asked about, then given up on.
  #listen() {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.send({ type: 'ping' }), QUIET_BEFORE_PING);
  }

  #expect() {
    if (this.#isOwed) return;
    this.#isOwed = true;
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.#abandon(), PATIENCE);
  }

  #abandon() {
    const socket = this.#socket;
    this.#lost(1006);
    socket?.close();
  }

  // A wrong token stays wrong: it takes another one to go on.
  #turnedAway(wait, isOver) {
    this.#giveUp();
    this.token = null;
    this.#on.turnedAway(wait, isOver);
  }

  #lost(code) {
    this.#giveUp();
    this.#socket = null;
    if (!isFinal(code)) {
      const pause = this.#nextPause();
      this.retryAt = Date.now() + pause;
      this.#retry = setTimeout(() => this.connect(), pause);
    }
    this.#on.down(code, isFinal(code));
  }

  #nextPause() {
    return Math.max(this.#notBefore - Date.now(), pauseAfter(this.#losses++));
  }

  #giveUp() {
    this.#changing.abort();
    clearTimeout(this.#retry);
    clearTimeout(this.#watch);
    this.#isOwed = false;
    this.retryAt = 0;
  }
}
