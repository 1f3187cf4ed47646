// What came while nobody looked: counted in the title of the tab, and marked in the log where it begins.

export class Unread {
  #conversation;
  #title = document.title;
  #count = 0;

  constructor(conversation) {
    this.#conversation = conversation;
    document.addEventListener('visibilitychange', () => document.hidden || this.#seen());
  }

  /** A text of the partner comes next. */
  text() {
    if (!document.hidden) return;
    if (!this.#count) this.#conversation.markUnread();
    this.#count += 1;
    document.title = `(${this.#count}) ${this.#title}`;
  }

  /** Somebody was found. It is no text, and does not count as one. */
  matched() {
    if (document.hidden && !this.#count) document.title = `Connected · ${this.#title}`;
  }

  #seen() {
    this.#count = 0;
    document.title = this.#title;
  }
}
