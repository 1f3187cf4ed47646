// The note for who meets somebody for the first time. That it was read once is all that the page ever keeps in the browser.

const KEY = 'strowger-met';

export class Consent {
  #note;

  constructor(note) {
    this.#note = note;
    try {
      note.hidden = localStorage.getItem(KEY) !== null;
    } catch {
      // The browser keeps nothing: then the note is shown each time.
      note.hidden = false;
    }
  }

  /** Somebody was met: the note has done its work. */
  given() {
    if (this.#note.hidden) return;
    this.#note.hidden = true;
    try {
      localStorage.setItem(KEY, '1');
    } catch {
      // As above.
    }
  }
}
