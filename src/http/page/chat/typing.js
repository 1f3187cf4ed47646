// Tells the partner that we are typing: seldom enough not to be chatter, and never about commands.

const RENEW_AFTER = 3000;
const SILENT_AFTER = 4000;

export class TypingHint {
  #send;
  #sentAt = 0;
  #pause = 0;

  /** `send(active)` passes the hint on. */
  constructor(send) {
    this.#send = send;
  }

  /** The draft is now this text. */
  touched(text) {
    if (!text || text.startsWith('#')) return this.stop();
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => this.stop(), SILENT_AFTER);
    if (Date.now() - this.#sentAt < RENEW_AFTER) return;
    this.#sentAt = Date.now();
    this.#send(true);
  }

  /** The draft rests or is gone. */
  stop() {
    if (this.#sentAt) this.#send(false);
    this.forget();
  }

  /** The text itself went out, or there is nobody to tell. */
  forget() {
    clearTimeout(this.#pause);
    this.#sentAt = 0;
  }
}
