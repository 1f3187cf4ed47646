// The line to the hub: one WebSocket, numbered requests, a heartbeat, and coming back after a loss.

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;
const QUIET_BEFORE_PING = 25_000;
const PATIENCE_FOR_PONG = 10_000;

// From 4500 on the hub tells us not to come back; everything else is a loss that may pass.
const isFinal = (code) => code >= 4500 && code <= 4999;

export class Connection {
  #url;
  #on;
  #socket = null;
  #losses = 0;
  #notBefore = 0;
  #retry = 0;
  #heartbeat = 0;
  #lastId = 0;

  /** `on` holds the callbacks `open()`, `frame(frame)` and `down(isFinal)`. */
  constructor(url, on) {
    this.#url = url;
    this.#on = on;
  }

  connect() {
    this.#clearTimers();
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    // A socket that was given up may still speak; only the current one counts.
    const current = (handler) => (event) => this.#socket === socket && handler(event);
    socket.onopen = current(() => { this.#listen(); this.#on.open(); });
    socket.onmessage = current((event) => this.#receive(event.data));
    socket.onclose = current((event) => this.#lost(event.code));
  }

  /** Sends a frame and returns the id under which its answer will come, or null without a connection. */
  send(frame) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return null;
    const id = String(++this.#lastId);
    this.#socket.send(JSON.stringify({ ...frame, request_id: id }));
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

  /** Something changed (network is back, tab is looked at): don't sit out the pause. */
  retryNow() {
    if (this.#retry && Date.now() >= this.#notBefore) this.connect();
  }

  /** 1000 says goodbye, so that the partner need not wait for us to come back. */
  leave() {
    this.#clearTimers();
    this.#socket?.close(1000);
    this.#socket = null;
  }

  #receive(data) {
    this.#listen();
    this.#on.frame(JSON.parse(data));
  }

  // A dead network says nothing, and the browser may need minutes to notice: silence is asked about, then given up on.
  #listen() {
    clearTimeout(this.#heartbeat);
    this.#heartbeat = setTimeout(() => {
      this.send({ type: 'ping' });
      this.#heartbeat = setTimeout(() => this.#abandon(), PATIENCE_FOR_PONG);
    }, QUIET_BEFORE_PING);
  }

  #abandon() {
    const socket = this.#socket;
    this.#lost(1006);
    socket.close();
  }

  #lost(code) {
    this.#clearTimers();
    this.#socket = null;
    if (!isFinal(code)) this.#retry = setTimeout(() => this.connect(), this.#nextPause());
    this.#on.down(isFinal(code));
  }

  // Growing, and never the same for two pages: a restarted hub is not to be met by all of them at once.
  #nextPause() {
    const ceiling = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.#losses++);
    return Math.max(this.#notBefore - Date.now(), ceiling * (0.5 + Math.random() / 2));
  }

  #clearTimers() {
    clearTimeout(this.#retry);
    clearTimeout(this.#heartbeat);
    this.#retry = 0;
  }
}
