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
      const found = [];
      let after;
      for (let page = 0; page < this.#pages && (page === 0 || after); page += 1) {
        const query = new URLSearchParams({ count: PAGE, like: this.#search.value.trim(), ...(after && { after }) });
        const answer = await this.#fetch(`api/v1/admin/clients?${query}`, { signal });
        if (!answer.ok) break;
        const { clients, after: next } = await answer.json();
        found.push(...clients);
        after = next;
      }
      if (!signal.aborted) this.#show(found, Boolean(after));
    } catch {
      // It was given up, or the line broke: the next look shows them.
    }
    if (!signal.aborted) this.#plan(REFRESH);
  }

  #fetch(path, options) {
    return fetch(path, { headers: { Authorization: `Bearer ${this.#token}` }, cache: 'no-store', redirect: 'error', ...options });
  }

  // Rows of those who stay are kept, with the focus and what was pressed.
  #show(found, hasMore) {
    const rows = new Map([...this.#list.children].map((row) => [row.dataset.id, row]));
    const wanted = found.map((client) => {
      const row = rows.get(client.client_id) ?? this.#row(client);
      row.querySelector('.idle').textContent = client.idle_seconds === null ? '' : `active ${inLongTime(client.idle_seconds)} ago`;
      return row;
    });
    arrange(this.#list, wanted);
    this.#more.hidden = !hasMore;
    const isSearch = this.#search.value.trim();
    if (!found.length) this.#say(isSearch ? 'Nobody is found.' : 'Nobody is there.');
    else this.#say(isSearch ? `${found.length}${hasMore ? ' and more' : ''} found` : '');
  }

  #row({ client_id: id, client_name: name, session }) {
    const remove = Object.assign(element('button', '', 'Remove'), { type: 'button' });
    remove.setAttribute('aria-label', `Remove ${id}`);
    const row = element('li', '', element('b', '', foreign(name)), ' ', element('code', '', foreign(id)), ' ',
      element('span', 'none', 'in ', foreign(session)), ' ', element('span', 'idle none'), ' ', remove);
    Object.assign(row.dataset, { id, session });
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
    const path = `api/v1/sessions/${encodeURIComponent(session)}/clients/${encodeURIComponent(id)}`;
    const answer = await this.#fetch(path, { method: 'DELETE' }).catch(() => null);
    if (answer?.ok || answer?.status === 404) {
      row.remove();
      (next?.querySelector('button') ?? this.#search).focus();
      this.#say(answer.ok ? 'Removed.' : 'It was gone already.');
    } else {
      this.#say('It could not be removed. Try again.');
    }
  }

  #say(words) {
    if (this.#note.textContent !== words) this.#note.textContent = words;
  }
}
