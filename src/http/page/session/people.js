// Who else is in the session: asked for once, and heard of from then on.

import { $, arrange, element, foreign } from '../shared/dom.js';

const MOST_SHOWN = 30;

export class People {
  #here = new Map();
  #me = '';
  #isAsking = false;
  #isWhole = true;
  #news = [];

  /** Asks who is here. Where that may not be asked, only who comes and goes is known. */
  async load(session, me, token) {
    this.#me = me;
    this.#here = new Map();
    this.#news = [];
    this.#isAsking = true;
    const found = await listOf(session, token);
    this.#isWhole = Boolean(found);
    this.#here = new Map([...found ?? [], ...this.#here]);
    this.#isAsking = false;
    // What happened meanwhile counts for more than a list that may be older.
    for (const { id, name } of this.#news) this.#note(id, name);
    this.show();
  }

  /** The name is nothing when they left. */
  note(id, name) {
    if (this.#isAsking) this.#news.push({ id, name });
    this.#note(id, name);
    this.show();
  }

  show() {
    const rows = [...this.#here].slice(0, MOST_SHOWN).map(([id, name]) => {
      return element('li', '', foreign(name), ...(id === this.#me ? [' (you)'] : []));
    });
    const more = this.#here.size - rows.length;
    if (more > 0) rows.push(element('li', '', `and ${more} more`));
    if (!this.#isWhole) rows.push(element('li', '', 'perhaps others: the hub does not say'));
    arrange($('people-list'), rows);
  }

  #note(id, name) {
    if (name === undefined) this.#here.delete(id);
    else this.#here.set(id, name);
  }
}

async function listOf(session, token) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  const path = `api/v1/sessions/${encodeURIComponent(session)}/clients?count=500`;
  try {
    const answer = await fetch(path, { headers, cache: 'no-store', redirect: 'error' });
    return answer.ok && (await answer.json()).clients.map((client) => [client.client_id, client.client_name]);
  } catch {
    return null;
  }
}
