// What happens in the session, in words, whoever does it.

import { element, time } from '../shared/dom.js';

const MOST_LINES = 300;
const NEAR_THE_END = 40;

export class Activity {
  #log;

  constructor(log) {
    this.#log = log;
  }

  /** Returns the line, to which more may be added. By its key it can be taken out again. */
  tell(inside, className = '', key = '') {
    const line = element('div', `entry ${className}`, time(new Date().toISOString()), element('p', '', ...inside));
    line.dataset.key = key;
    this.#follow(() => {
      this.#log.append(line);
      if (this.#log.childElementCount > MOST_LINES) this.#log.firstElementChild.remove();
    });
    return line;
  }

  add(line, ...more) {
    this.#follow(() => line.append(...more));
  }

  /** What is told elsewhere already. */
  untell(key) {
    [...this.#log.children].findLast((line) => line.dataset.key === key)?.remove();
  }

  // Who reads the end goes on reading the end.
  #follow(change) {
    const { scrollHeight, scrollTop, clientHeight } = this.#log;
    change();
    if (scrollHeight - scrollTop - clientHeight < NEAR_THE_END) this.#log.scrollTop = this.#log.scrollHeight;
  }
}
