// What the person said and the hub has not answered yet, in order.
//
// One line at a time is under way; the next goes out with the answer to the one before. So when the connection breaks, the hub
// may have taken that one or not, and of all behind it we know that it has not. Nobody can be asked about the one: the hub
// does not recognise a line that it gets twice. To send it again could show it twice, to drop it could lose it, so the person is
// told and decides. The others wait, and go out after the return.

const MOST_WAITING = 50;

export class Outbox {
  #page;
  #items = [];
  #underWay = null;
  #isOpen = false;
  #pause = 0;

  /** `page` holds `send(item)`, which returns the request's id or null; `fits(item)`, whether it still makes sense; and `refuse(item)`. */
  constructor(page) {
    this.#page = page;
  }

  get isFull() {
    return this.#items.length >= MOST_WAITING;
  }

  /** All that has no answer, the one under way included. */
  get items() {
    return [...this.#items];
  }

  put(item) {
    this.#items.push(item);
    this.next();
  }

  /** This goes before all that waits, once `next` or `open` is called. */
  putFirst(item) {
    this.#items.unshift(item);
  }

  /** The answer to this request is here: returns what was asked, if it came from here. `next` sends on. */
  take(id) {
    if (!id || id !== this.#underWay) return undefined;
    this.#underWay = null;
    return this.#items.shift();
  }

  next() {
    if (!this.#isOpen || this.#underWay || this.#pause) return;
    while (this.#items.length && !this.#page.fits(this.#items[0])) this.#page.refuse(this.#items.shift());
    if (this.#items.length) this.#underWay = this.#page.send(this.#items[0]);
  }

  /** Sends nothing for a while: the hub asked for it. */
  rest(ms) {
    this.#pause = setTimeout(() => {
      this.#pause = 0;
      this.next();
    }, ms);
  }

  /** There is a connection, and we know where we are. */
  open() {
    this.#isOpen = true;
    this.next();
  }

  /** There is none any more. Returns the line that was under way, of which nobody knows whether it arrived. */
  shut() {
    clearTimeout(this.#pause);
    this.#pause = 0;
    this.#isOpen = false;
    return this.take(this.#underWay);
  }

  /** Nothing of this can be sent any more. */
  empty() {
    this.#items.splice(0).forEach(this.#page.refuse);
  }
}
