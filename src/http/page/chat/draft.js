// The field for what is being written. It is as high as its text, it outlives connections and partners, it is sent by the
// person alone, and it is nowhere but in the field.

import { isSending } from '../shared/dom.js';

export class Draft {
  #field;

  /** `send()` is called when Enter is pressed, `touched(text)` when the text changed. */
  constructor(field, { send, touched }) {
    this.#field = field;
    field.addEventListener('input', () => {
      this.#fit();
      touched(field.value);
    });
    field.addEventListener('keydown', (event) => {
      if (!isSending(event)) return;
      event.preventDefault();
      send();
    });
  }

  get text() {
    return this.#field.value.trim();
  }

  clear() {
    this.#field.value = '';
    this.#fit();
  }

  // Up to what the style sheet allows.
  #fit() {
    this.#field.style.height = 'auto';
    this.#field.style.height = `${this.#field.scrollHeight}px`;
  }
}
