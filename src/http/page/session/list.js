// The left column: conversations with the newest first, then everybody else; and what a search finds.

import { $, arrange, button, element, foreign, onSubmit, time } from '../shared/dom.js';

const STEP = 100;
const PAUSE = 250;

export class List {
  #contacts;
  #threads;
  #requests;
  #open;
  #rows = new Map();
  #current = null;
  #shown = STEP;
  #query = '';
  #pause = 0;
  #found = [];
  #after;

  /** `open(thread)` is called when the person chooses one. */
  constructor({ contacts, threads, requests, open }) {
    [this.#contacts, this.#threads, this.#requests, this.#open] = [contacts, threads, requests, open];
    $('search').addEventListener('input', () => {
      clearTimeout(this.#pause);
      this.#pause = setTimeout(() => this.#search(), PAUSE);
    });
    onSubmit($('searching'), () => this.#search());
    onSubmit($('adding'), () => this.#add());
    $('more').addEventListener('click', () => this.#showMore());
  }

  choose(thread) {
    this.#current = thread;
    this.show();
  }

  show() {
    const all = this.#query ? this.#found.map((contact) => this.#threads.of(contact)) : this.#inOrder();
    const rows = all.slice(0, this.#query ? all.length : this.#shown).map((thread) => this.#row(thread));
    for (const [key] of this.#rows) if (!this.#threads.all.has(key)) this.#rows.delete(key);
    arrange($('contact-list'), rows);
    $('more').hidden = this.#query ? !this.#after : all.length <= this.#shown;
    $('nobody').hidden = rows.length > 0;
    $('nobody').textContent = this.#query ? 'No contact has this name.' : 'No contacts yet. Add one below, or connect a bridge that brings them.';
  }

  // Whoever was spoken with last comes first; the others stay as they were given.
  #inOrder() {
    for (const contact of this.#contacts.all.values()) this.#threads.of(contact);
    const newest = ({ messages }) => messages.at(-1)?.timestamp ?? '';
    const place = new Map([...this.#contacts.all.keys()].map((id, at) => [id, at]));
    return [...this.#threads.all.values()].filter((thread) => thread.contact || thread.messages.length || thread.own.length)
      .sort((a, b) => newest(b).localeCompare(newest(a)) || (place.get(a.key) ?? 0) - (place.get(b.key) ?? 0));
  }

  #row(thread) {
    const row = this.#rows.get(thread.key) ?? element('li', '', button('', () => this.#open(thread), 'contact'));
    this.#rows.set(thread.key, row);
    const newest = thread.messages.at(-1);
    const last = newest && [element('span', 'snippet', foreign(newest.text)), time(newest.timestamp)];
    const which = thread.contact?.phone && this.#contacts.named(thread.name)[1] && element('span', 'snippet', foreign(thread.contact.phone));
    const unread = thread.unread && element('span', 'unread', String(thread.unread), element('span', 'unseen', ' unread'));
    row.firstElementChild.replaceChildren(...[element('span', 'name', foreign(thread.name)), which, unread, ...(last ?? [])].filter(Boolean));
    row.firstElementChild.setAttribute('aria-current', thread === this.#current);
    return row;
  }

  async #search() {
    clearTimeout(this.#pause);
    const query = $('search').value.trim();
    this.#query = query;
    if (query) await this.#find(query);
    else this.#showMessages('', []);
    if (query === this.#query) this.show();
  }

  async #find(query) {
    const [people, said] = await Promise.all([
      this.#contacts.find(query), this.#requests.ask({ type: 'search', query, count: 50 }).answer,
    ]);
    if (query !== this.#query) return;
    this.#found = people.details ?? [];
    this.#after = people.after;
    this.#showMessages(said.success ? query : '', said.messages ?? []);
  }

  async #showMore() {
    const query = this.#query;
    if (!query) this.#shown += STEP;
    else {
      const page = await this.#contacts.find(query, this.#after);
      if (query !== this.#query) return;
      this.#found.push(...page.details ?? []);
      this.#after = page.after;
    }
    this.show();
  }

  #showMessages(query, messages) {
    $('found').hidden = !query;
    $('found-nothing').hidden = messages.length > 0;
    $('found-list').replaceChildren(...messages.map((message) => {
      const open = button('', () => this.#open(this.#threads.named(message.contact)), 'contact');
      const whose = message.direction === 'outgoing' ? ['To ', foreign(message.contact)] : [foreign(message.contact)];
      open.append(element('span', 'name', ...whose), element('span', 'snippet', foreign(message.text)), time(message.timestamp));
      return element('li', '', open);
    }));
  }

  async #add() {
    const [name, phone] = [$('new-name'), $('new-phone')];
    if (!name.value.trim()) return undefined;
    const contact = { name: name.value.trim(), phone: phone.value.trim() || undefined };
    if (this.#contacts.has(contact)) return this.#complain('This contact is there already.');
    const answer = await this.#contacts.addAndKeep(contact);
    // The hub names the field of its frame.
    this.#complain(answer.success ? '' : /\.phone:/.test(answer.text) ? 'This is no phone number.' : answer.text);
    if (!answer.success) return undefined;
    name.value = phone.value = '';
    return name.focus();
  }

  #complain(words) {
    $('adding-complaint').textContent = words;
  }
}
