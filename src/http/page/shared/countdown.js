// How long until the next attempt to come back, and the button for who does not want to wait.

export class Countdown {
  #seconds;
  #button;
  #connection;
  #isOf = false;

  constructor(seconds, button, connection) {
    this.#seconds = seconds;
    this.#button = button;
    this.#connection = connection;
    button.addEventListener('click', () => {
      connection.wake();
      this.#tick();
    });
    setInterval(() => this.#isOf && this.#tick(), 500);
  }

  /** Whether there is anything to wait for. Returns whether the focus was here, which then is nowhere. */
  show(isOf) {
    const hadFocus = document.activeElement === this.#button;
    this.#isOf = isOf;
    this.#tick();
    return hadFocus && this.#button.hidden;
  }

  #tick() {
    const { retryAt, mayRetry } = this.#connection;
    const left = Math.ceil((retryAt - Date.now()) / 1000);
    const words = !this.#isOf ? '' : left > 0 ? `\u00a0in ${left} s.` : '…';
    if (this.#seconds.textContent !== words) this.#seconds.textContent = words;
    // Once it is there it stays until we are in: who pressed it has the focus on it.
    this.#button.hidden = !this.#isOf || (this.#button.hidden && !retryAt);
    this.#button.setAttribute('aria-disabled', !mayRetry);
  }
}
