// The form that asks for the hub's token. It shows nothing of it, and forgets it once it opened the hub.

export class Entry {
  #form;
  #connection;
  #changed;
  #field;
  #button;
  #complaint;
  #isUnderWay = false;
  #rest = 0;

  /** `changed()` is called when it is somebody else's turn. */
  constructor(form, connection, changed) {
    this.#form = form;
    this.#connection = connection;
    this.#changed = changed;
    [this.#field, this.#button, this.#complaint] = ['input', 'button', '[role=alert]'].map((what) => form.querySelector(what));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#enter();
    });
  }

  /** Whether nothing goes on until the person says a token. */
  get isAsking() {
    return !this.#form.hidden && !this.#isUnderWay;
  }

  /** The hub told whoever came without a token that it asks for one. It also hangs up, but proxies lose its close code. */
  ask(complaint = '') {
    this.#open(complaint);
  }

  /** The time of the token is over. With a new one the person goes on where they were, for as long as the hub keeps the place. */
  askAnew() {
    this.#connection.token = null;
    this.#open('Your token has expired: enter a new one.');
  }

  /** The token is wrong, and the next may come after so many milliseconds; or it was right, and its time is over. */
  refuse(wait, isOver, why = 'This token opens nothing here.') {
    if (isOver) return this.askAnew();
    // This one let us in before, and does so no more: then the hub may have stopped asking, too.
    if (this.#form.hidden) return this.#connection.connect();
    clearTimeout(this.#rest);
    this.#rest = wait && setTimeout(() => this.#endRest(), wait);
    this.#takeTurn(wait ? `Too many wrong tokens came. Try again in ${Math.ceil(wait / 1000)} s.` : why);
  }

  /** We are in. Returns whether the focus was here, which then is nowhere. */
  close() {
    const hadFocus = this.#form.contains(document.activeElement);
    this.#form.hidden = true;
    this.#field.value = '';
    this.#isUnderWay = false;
    this.#show('');
    return hadFocus;
  }

  // Whoever presses twice has one token only, and a wrong one is not to count twice.
  #enter() {
    const token = this.#field.value.trim();
    if (!token || this.#isUnderWay || this.#rest) return;
    this.#isUnderWay = true;
    this.#show('');
    this.#connection.token = token;
    this.#connection.connect();
    this.#changed();
  }

  #open(complaint) {
    this.#connection.leave();
    this.#form.hidden = false;
    this.#takeTurn(complaint);
  }

  #takeTurn(complaint) {
    this.#isUnderWay = false;
    this.#show(complaint);
    this.#field.select();
    this.#field.focus();
    this.#changed();
  }

  #endRest() {
    this.#rest = 0;
    this.#show('You may try again.');
  }

  #show(complaint) {
    this.#complaint.textContent = complaint;
    this.#field.setAttribute('aria-invalid', Boolean(complaint));
    this.#button.setAttribute('aria-disabled', this.#isUnderWay || Boolean(this.#rest));
  }
}
