// Who is there, page by page, and a button for each that sends them away.

import { arrange, element, foreign, onSubmit } from '../shared/dom.js';
import { inLongTime } from './draw.js';

const PAGE = 50;
// How long somebody was idle is told anew after so long; who came, and what is typed, is looked for after a moment.
const REFRESH = 5000;
const MOMENT = 250;

export class Clients {
  #form;
  #list;
  #note;
  #more;
  #search;
  #token = null;
  #pages = 1;
  #count = -1;
  #loading = new AbortController();
  #timer = 0;

  constructor(section) {
    this.#form = section.querySelector('form');
    this.#search = this.#form.querySelector('input');
    [this.#list, this.#note, this.#more] = ['ul', '.note', '.more'].map((what) => section.querySelector(what));
    onSubmit(this.#form, () => this.#load());
    this.#search.addEventListener('input', () => {
      this.#pages = 1;
      this.#plan(MOMENT);
    });
    this.#more.addEventListener('click', () => {
      this.#pages += 1;
      this.#load();
    });
    this.#list.addEventListener('click', ({ target }) => target.closest('button') && this.#press(target.closest('button')));
    this.#list.addEventListener('focusout', ({ target, relatedTarget }) => {
      if (target.classList.contains('sure') && relatedTarget !== target) this.#ask(target, false);
    });
  }

  /** With this token they may be asked for. */
  begin(token) {
    this.#token = token;
    this.#load();
  }

  /** Nobody can be asked for. */
  rest() {
    clearTimeout(this.#timer);
    this.#loading.abort();
    this.#token = null;
  }

  /** So many are there now. */
  changed(count) {
    if (count !== this.#count && this.#token !== null) this.#plan(MOMENT);
    this.#count = count;
  }

  #plan(pause) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#load(), pause);
  }

  async #load() {
    if (this.#token === null) return;
    this.#loading.abort();
    const { signal } = this.#loading = new AbortController();
    try {
      const [found, hasMore] = await this.#read(signal);
      if (!signal.aborted) this.#show(found, hasMore);
    } catch {
      // What is shown stays: it was so a moment ago.
      if (!signal.aborted) this.#say('The list can’t be read just now.');
    }
    if (!signal.aborted) this.#plan(REFRESH);
  }

  async #read(signal) {
    const found = [];
    let after;
    for (let page = 0; page < this.#pages && (page === 0 || after); page += 1) {
      const query = new URLSearchParams({ count: PAGE, like: this.#search.value.trim(), ...(after && { after }) });
      const answer = await this.#fetch(`api/v1/admin/clients?${query}`, { signal });
      if (!answer.ok) throw new Error(answer.status);
      const { clients, after: next } = await answer.json();
      found.push(...clients);
      after = next;
    }
    return [found, Boolean(after)];
  }

  #fetch(path, options) {
    return fetch(path, { headers: { Authorization: `Bearer ${this.#token}` }, cache: 'no-store', redirect: 'error', ...options });
  }

  // Rows of those who stay are kept, with the focus and what was pressed.
  #show(found, hasMore) {
    const rows = new Map([...this.#list.children].map((row) => [row.dataset.key, row]));
    const hadFocus = this.#list.contains(document.activeElement);
    const wanted = found.map((client) => {
      // Whoever has another name or session is another row.
      const key = JSON.stringify([client.session, client.client_id, client.client_name]);
      const row = rows.get(key) ?? this.#row(client, key);
      row.querySelector('.idle').textContent = client.idle_seconds === null ? '' : `active ${inLongTime(client.idle_seconds)} ago`;
      return row;
    });
    arrange(this.#list, wanted);
    // The row that had it is gone.
    if (hadFocus && !this.#list.contains(document.activeElement)) this.#search.focus();
    this.#more.hidden = !hasMore;
    const isSearch = this.#search.value.trim();
    if (!found.length) this.#say(isSearch ? 'Nobody is found.' : 'Nobody is there.');
    else if (isSearch) this.#say(`${found.length}${hasMore ? ' and more' : ''} found`);
    else if (!this.#note.textContent.startsWith('Removed')) this.#say('');
  }

  #row({ client_id: id, client_name: name, session }, key) {
    const remove = Object.assign(element('button', '', 'Remove'), { type: 'button' });
    remove.setAttribute('aria-label', `Remove ${id}`);
    const row = element('li', '', element('b', '', foreign(name)), ' ', element('code', '', foreign(id)), ' ',
      element('span', 'none', 'in ', foreign(session)), ' ', element('span', 'idle none'), ' ', remove);
    Object.assign(row.dataset, { key, id, session });
    return row;
  }

  // Once is a slip, twice is a wish.
  #press(button) {
    if (button.classList.contains('sure')) this.#remove(button.closest('li'));
    else this.#ask(button, true);
  }

  #ask(button, isSure) {
    const { id } = button.closest('li').dataset;
    button.classList.toggle('sure', isSure);
    button.textContent = isSure ? 'Really?' : 'Remove';
    button.setAttribute('aria-label', isSure ? `Really remove ${id}?` : `Remove ${id}`);
  }

  async #remove(row) {
    const { id, session } = row.dataset;
    const next = row.nextElementSibling ?? row.previousElementSibling;
    // A look that is under way would show the row again.
    this.#loading.abort();
    const path = `api/v1/sessions/${encodeURIComponent(session)}/clients/${encodeURIComponent(id)}`;
    const answer = await this.#fetch(path, { method: 'DELETE' }).catch(() => null);
    if (answer?.ok) {
      row.remove();
      (next?.querySelector('button') ?? this.#search).focus();
    }
    this.#say(answer?.ok ? `Removed ${id}.` : answer?.status === 404 ? 'It is not there any more.' : 'It could not be removed. Try again.');
    this.#plan(answer?.ok ? REFRESH : 0);
  }

  #say(words) {
    if (this.#note.textContent !== words) this.#note.textContent = words;
  }
}
