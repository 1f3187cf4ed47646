// The end of the log, line by line as it comes. Whoever scrolled up is left there.

import { element } from '../shared/dom.js';

const MOST_LINES = 500;
const NEAR_THE_END = 30;

export class Tail {
  #section;
  #list;
  #held = null;
  #isAnew = false;

  constructor(section) {
    this.#section = section;
    this.#list = section.querySelector('[role=log]');
    const [choice, pause] = ['select', 'button'].map((what) => section.querySelector(what));
    choice.addEventListener('change', () => {
      section.dataset.from = choice.value;
      this.#toEnd();
    });
    pause.addEventListener('click', () => {
      const held = this.#held;
      this.#held = held ? null : [];
      pause.setAttribute('aria-pressed', !held);
      if (held && this.#isAnew) this.#list.replaceChildren();
      this.#isAnew = false;
      held?.forEach((line) => this.#append(line));
    });
  }

  add({ timestamp, level, text }) {
    const time = element('time', '', new Date(timestamp).toLocaleTimeString('en-GB'));
    time.dateTime = timestamp;
    this.#put(element('p', level, time, ' ', element('b', '', level), ' ', text));
  }

  /** So many lines came too fast. */
  skip(count) {
    this.#put(element('p', 'none', `… ${count} lines left out: they came too fast`));
  }

  /** The newest lines are told anew. Whoever made a pause goes on reading those that stood there. */
  begin() {
    if (!this.#held) return this.#list.replaceChildren();
    this.#held = [];
    this.#isAnew = true;
    return undefined;
  }

  #put(line) {
    if (!this.#held) return this.#append(line);
    this.#held.push(line);
    if (this.#held.length > MOST_LINES) this.#held.shift();
    return undefined;
  }

  #append(line) {
    const { scrollHeight, scrollTop, clientHeight } = this.#list;
    const follows = scrollHeight - scrollTop - clientHeight < NEAR_THE_END;
    this.#list.append(line);
    if (this.#list.childElementCount > MOST_LINES) this.#list.firstElementChild.remove();
    if (follows) this.#toEnd();
  }

  #toEnd() {
    this.#list.scrollTop = this.#list.scrollHeight;
  }
}
