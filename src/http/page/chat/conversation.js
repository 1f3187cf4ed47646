// The log on the page: bubbles for two people, quiet lines for the hub. Whatever comes in is text and stays text.

import { element } from '../shared/dom.js';
import { withName, write } from './words.js';

const MOST_LINES = 1000;
const NEAR_THE_END = 40;
const TYPING_FADES = 6000;

// Each text finds its own direction, whatever the one before it had.
function phrase(tag, className, text) {
  const made = element(tag, className, text);
  made.dir = 'auto';
  return made;
}

function againButton() {
  const button = element('button', 'again', 'Send again');
  button.type = 'button';
  return button;
}

export class Conversation {
  #log;
  #intro;
  #typing;
  #typingTimer = 0;
  #fades;
  #unread = null;
  #follows = true;
  #top = 0;

  /** `fades()` is called when a hint of typing is over because it was not renewed. */
  constructor(log, intro, fades) {
    this.#fades = fades;
    this.#log = log;
    this.#intro = intro;
    this.#typing = log.querySelector('#typing');
    // Who reads the end goes on reading the end, also when the desk below grows; who scrolled up is left there.
    // Only going up is leaving: when the desk grows, the end moves away by itself.
    log.addEventListener('scroll', () => {
      if (log.scrollTop < this.#top || this.#atEnd()) this.#follows = this.#atEnd();
      this.#top = log.scrollTop;
    });
    new ResizeObserver(() => this.#keepUp()).observe(log);
  }

  /** What the hub says, of somebody with this name. */
  system(text, name) {
    const line = phrase('p', 'line system', '');
    write(line, withName(text, name));
    this.#add(line);
  }

  /** What the partner says. */
  theirs(from, text) {
    this.typing(false);
    const line = element('div', 'line theirs', '');
    line.append(phrase('span', 'from', from), phrase('p', 'text', text));
    // Whose the next bubble is needs no second saying.
    const above = this.#typing.previousElementSibling?.querySelector('.from');
    line.classList.toggle('goes-on', above?.textContent === from);
    this.#add(line);
  }

  /** What we say: on its way until `mark` tells otherwise. */
  own(text) {
    const line = element('div', 'line own pending', '');
    line.append(phrase('p', 'text', text), element('span', 'note', 'Sending…'));
    this.#follows = true;
    this.#unread?.remove();
    this.#add(line);
    return line;
  }

  /** `fate` is `pending`, `waiting`, `delivered`, `queued`, `unsure`, `failed` or `command`; the note is for people. */
  mark(line, fate, note = '') {
    line.className = `line own ${fate}`;
    line.querySelector('.note').textContent = note;
    line.querySelector('button')?.remove();
    if (fate === 'failed' || fate === 'unsure') line.append(againButton());
    this.#keepUp();
  }

  /** The partner who was away is back: what was held for them is theirs now. */
  markQueuedAsDelivered() {
    for (const line of this.#log.querySelectorAll('.own.queued')) this.mark(line, 'delivered', 'Delivered');
  }

  /** The text of the own line that this button belongs to. The line keeps its mark, but is not offered twice. */
  takeBack(button) {
    const text = button.closest('.own').querySelector('.text').textContent;
    button.remove();
    return text;
  }

  /** The own line that was sent under this id; without one, the newest with this text that is not known to have failed. */
  findOwn(id, text) {
    const lines = [...this.#log.querySelectorAll('.own:not(.failed, .command)')];
    if (id) return lines.find((line) => line.dataset.request === id);
    return lines.findLast((line) => line.querySelector('.text').textContent === text);
  }

  /** What comes from here on came while nobody looked. It says so until the person answers. */
  markUnread() {
    this.#unread?.remove();
    this.#unread = element('p', 'unread', 'New');
    this.#add(this.#unread);
  }

  /** A hint that is not renewed fades: its end may have been lost. */
  typing(active) {
    clearTimeout(this.#typingTimer);
    if (active) {
      this.#typingTimer = setTimeout(() => {
        this.typing(false);
        this.#fades();
      }, TYPING_FADES);
    }
    this.#typing.hidden = !active;
    this.#keepUp();
  }

  #add(line) {
    this.#intro.hidden = true;
    this.#typing.before(line);
    if (this.#log.childElementCount > MOST_LINES) this.#log.firstElementChild.remove();
    this.#keepUp();
  }

  #atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#log;
    return scrollHeight - scrollTop - clientHeight < NEAR_THE_END;
  }

  #keepUp() {
    if (this.#follows) this.#log.scrollTop = this.#log.scrollHeight;
  }
}
