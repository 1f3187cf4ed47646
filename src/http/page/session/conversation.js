// The middle: what was said with one contact, what is on its way there, and the field for more.

import { $, arrange, button, element, foreign, isSending, onSubmit, time, words } from '../shared/dom.js';
import { home } from './threads.js';

const NEAR_THE_END = 40;

const STATES = {
  accepted: 'Handed to WhatsApp', sent: 'Sent', delivered: 'Delivered', read: 'Read', simulated: 'Simulated: nobody got it',
  failed: 'Not sent',
};

/** What is known of a message that went out. */
export const stateInWords = ({ state, why }) => (state === 'failed' && why ? `Not sent: ${why}` : STATES[state] ?? state);

export class Conversation {
  /** Whether the end is in view, and to stay so. */
  follows = true;
  #threads;
  #requests;
  #goTo;
  #thread = null;
  #lines = new Map();
  #isOpen = false;
  #log = $('log');
  #field = $('message');
  #older = element('div', 'older', button('Show older', () => this.#showOlder()));

  /** `goTo(thread)` is called when something stands in another one. */
  constructor(threads, requests, goTo) {
    [this.#threads, this.#requests, this.#goTo] = [threads, requests, goTo];
    this.#log.addEventListener('scroll', () => { this.follows = this.#isAtEnd(); });
    new ResizeObserver(() => this.#keepUp()).observe(this.#log);
    this.#field.addEventListener('input', () => this.#fit());
    this.#field.addEventListener('keydown', (event) => {
      if (!isSending(event)) return;
      event.preventDefault();
      this.#send();
    });
    onSubmit($('composer'), () => {
      this.#field.focus();
      this.#send();
    });
    $('summary').addEventListener('click', () => this.#sumUp());
    $('suggest').addEventListener('click', () => this.#suggest());
  }

  get thread() {
    return this.#thread;
  }

  open(thread) {
    if (this.#thread) home(this.#thread).draft = this.#field.value;
    this.#thread = thread;
    this.#lines.clear();
    this.#log.replaceChildren();
    this.follows = true;
    $('advice').hidden = true;
    $('nothing-open').hidden = Boolean(thread);
    $('talk').hidden = !thread;
    if (!thread) return;
    $('whom').replaceChildren(foreign(thread.name));
    $('whom-phone').replaceChildren(foreign(thread.contact?.phone ?? ''));
    this.#field.value = thread.draft;
    this.#fit();
    this.show();
    this.#threads.load(thread);
  }

  /** There is a connection, or none. */
  setOpen(isOpen) {
    this.#isOpen = isOpen;
    $('send').setAttribute('aria-disabled', this.#requests.isOver);
    this.show();
  }

  show() {
    if (this.#thread?.movedTo) return this.open(home(this.#thread));
    const thread = this.#thread;
    if (!thread) return undefined;
    const said = thread.messages.map((message) => this.#line(message));
    const own = thread.own.filter(({ shownAs }) => !shownAs).map((item) => this.#ownLine(item));
    const trouble = thread.trouble ? [element('p', 'system', thread.trouble)] : [];
    const below = this.#log.scrollHeight - this.#log.scrollTop;
    const first = this.#log.querySelector('.line');
    arrange(this.#log, [...(thread.before !== undefined ? [this.#older] : []), ...trouble, ...said, ...own]);
    for (const [key, line] of this.#lines) if (!line.isConnected) this.#lines.delete(key);
    // What comes above is not to push away what is being read.
    if (first && first !== this.#log.querySelector('.line')) this.#log.scrollTop = this.#log.scrollHeight - below;
    $('silence').hidden = said.length + own.length > 0;
    this.#keepUp();
    this.#showWhetherKnown(thread);
    return undefined;
  }

  // For whom nobody is called so, the hub would look among names that are but alike.
  #showWhetherKnown(thread) {
    const stranger = thread.contact || this.#threads.contacts.has(thread) ? '' : thread.name;
    if ($('stranger').dataset.name === stranger) return;
    $('stranger').dataset.name = stranger;
    $('stranger').replaceChildren(...(stranger ? [...words`${stranger} is no contact here. `, button('Add', () => this.#adopt(thread)), ' '] : []));
  }

  async #adopt(thread) {
    const answer = await this.#threads.contacts.addAndKeep({ name: thread.name });
    if (answer.success) this.#field.focus();
    else if (thread === this.#thread) $('stranger').lastChild.data = ` ${answer.text}`;
  }

  async #showOlder() {
    this.follows = false;
    await this.#threads.loadOlder(this.#thread);
    this.show();
    if (!this.#older.isConnected) this.#log.focus();
  }

  #noteOf({ contact, direction, note, isOurs, timestamp, ...message }) {
    if (note) return ['You · ', note];
    const who = direction === 'incoming' ? foreign(contact) : isOurs ? 'You' : 'This line';
    return [who, ' · ', time(timestamp), ...(message.state ? [` · ${stateInWords(message)}`] : [])];
  }

  #line(message) {
    const { id, direction, text, state, isOurs, note } = message;
    const line = this.#lines.get(id) ?? element('div', '', element('p', 'text', text), element('p', 'note'));
    this.#lines.set(id, line);
    line.firstElementChild.dir = 'auto';
    line.className = `line ${direction === 'incoming' ? 'theirs' : 'own'} ${state ?? ''}`;
    // The same words once more would be read aloud once more, and many are costly to make. Those of yesterday name the day.
    const mark = note ?? [state, isOurs, new Date().toDateString()].join();
    if (line.mark !== mark) line.children[1].replaceWith(element('p', 'note', ...this.#noteOf(message)));
    line.mark = mark;
    return line;
  }

  #ownLine(item) {
    const waits = item.state === 'pending' && !this.#isOpen;
    const note = waits ? 'Waits for the connection' : item.state === 'pending' ? 'Sending…' : item.state === 'failed' ? stateInWords(item) : item.why;
    const line = this.#line({ ...item, state: waits ? 'waiting' : item.state, note });
    if (line.querySelector('.choices') || item.state === 'pending') return line;
    const again = (label, to) => button(label, () => this.#sendAnew(item, to));
    const choices = item.candidates?.map((name) => again(foreign(name), name)) ?? [again('Send again')];
    line.append(element('div', 'choices', ...choices));
    return line;
  }

  // Whoever is meant in the end may be somebody else than whose thread this is.
  async #sendAnew(item, to) {
    if (!to && this.#isStranger()) return;
    this.#threads.forget(this.#thread, item);
    this.#field.focus();
    const { id } = await this.#threads.send(this.#thread, item.text, to);
    const where = this.#threads.holding(id);
    if (where && where !== this.#thread) this.#goTo(where);
  }

  #send() {
    const text = this.#field.value;
    if (!text.trim() || !this.#thread || this.#requests.isOver || this.#isStranger()) return;
    this.#field.value = this.#thread.draft = '';
    this.#fit();
    this.follows = true;
    this.#threads.send(this.#thread, text);
  }

  // Then nothing is done, and the person led to what can be.
  #isStranger() {
    const add = $('stranger').lastElementChild;
    add?.focus();
    return add;
  }

  async #sumUp() {
    const { contact, name } = this.#thread;
    const which = contact ? { conversation_id: contact.id } : { contact: name };
    await this.#advise('Summing up…', { type: 'get_summary', ...which }, ({ text, message_count: count }) => [
      element('p', '', foreign(text)), element('p', 'note', `Made by an AI, of ${count} ${count === 1 ? 'message' : 'messages'}`),
    ]);
  }

  async #suggest() {
    const { contact, name } = this.#thread;
    const command = { action: 'suggest', contact: contact?.id ?? name };
    await this.#advise('Thinking of answers…', { type: 'whatsapp_command', command }, ({ suggestions }) => [
      element('p', 'note', 'Made by an AI. Choose one to change or send it.'),
      element('div', 'choices', ...suggestions.map((text) => button(foreign(text), () => this.#takeUp(text)))),
    ]);
  }

  // What comes for another thread than the one in view is not shown there.
  async #advise(meanwhile, frame, shown) {
    if (this.#isStranger()) return;
    const thread = this.#thread;
    const show = (...inside) => {
      $('advice').hidden = false;
      $('advice-text').replaceChildren(...inside);
    };
    show(element('p', 'note', meanwhile));
    const answer = await this.#requests.ask(frame).answer;
    if (thread === this.#thread) show(...(answer.success ? shown(answer) : [element('p', 'note', answer.text)]));
  }

  #takeUp(text) {
    this.#field.value = text;
    this.#fit();
    this.#field.focus();
  }

  // As high as the text, up to what the style sheet allows.
  #fit() {
    this.#field.style.height = 'auto';
    this.#field.style.height = `${this.#field.scrollHeight}px`;
  }

  #isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#log;
    return scrollHeight - scrollTop - clientHeight < NEAR_THE_END;
  }

  #keepUp() {
    if (this.follows) this.#log.scrollTop = this.#log.scrollHeight;
  }
}
