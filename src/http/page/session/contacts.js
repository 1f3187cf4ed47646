// Whom the session knows. The page has all of them, since a message names its contact, and several may have that name.

const PAGE = 500;
// Two who add somebody at the same time overwrite each other's list: whoever is missing soon after is added again.
const SOON = 10_000;
const ATTEMPTS = 3;

const plain = (name) => name.trim().replace(/\s+/g, ' ').toLowerCase();
const digits = (phone) => (phone ?? '').replace(/\D/g, '');
const namesOf = ({ name, aliases = [] }) => [name, ...aliases];

export class Contacts {
  /** By id, in the order of the hub. */
  all = new Map();
  #requests;
  #changed;
  #byName = new Map();
  #loading = null;
  #isStale = false;
  #added = [];

  constructor(requests, changed) {
    this.#requests = requests;
    this.#changed = changed;
  }

  /** All who are called exactly so. */
  named(name) {
    return this.#byName.get(name) ?? [];
  }

  /** A page of those with this in their name or number. */
  find(query, after) {
    return this.#requests.ask({ type: 'whatsapp_get_contacts', query, after, count: 50 }).answer;
  }

  /** The list changed, or may have. Says what the hub answers. */
  load() {
    this.#isStale = true;
    this.#loading ??= this.#loadAll().finally(() => { this.#loading = null; });
    return this.#loading;
  }

  /** Says what the hub answers. A list replaces all that clients gave before, so the others go along. */
  async add(contact) {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const loaded = await this.load();
      // Of a list that is not known nothing would be left.
      if (!loaded.success || this.has(contact)) return loaded;
      const given = [...this.all.values()].filter(({ source }) => source === 'client').flatMap(asGiven);
      const answer = await this.#requests.ask({ type: 'contact_list_update', contacts: [...given, contact] }).answer;
      if (!answer.success && answer.code !== 'lost') return answer;
    }
    await this.load();
    return this.has(contact) ? { success: true } : { success: false, text: 'Somebody else changes the list just now. Try again.' };
  }

  /** As `add`, by a person: it shall stay. */
  async addAndKeep(contact) {
    const answer = await this.add(contact);
    if (answer.success) this.#added.push({ contact, until: Date.now() + SOON });
    return answer;
  }

  async #loadAll() {
    let answer;
    while (this.#isStale) {
      this.#isStale = false;
      answer = await this.#fetch();
    }
    if (!answer.success) return answer;
    this.#added = this.#added.filter(({ until }) => until > Date.now());
    for (const { contact } of this.#added) if (!this.has(contact)) queueMicrotask(() => this.add(contact));
    return answer;
  }

  async #fetch() {
    const found = new Map();
    let page;
    do {
      page = await this.#requests.ask({ type: 'whatsapp_get_contacts', count: PAGE, after: page?.after }).answer;
      // Whom this page was to begin behind is gone: the first page is the place to go on.
      if (page.code === 'not_found') this.#isStale = true;
      if (!page.success) return page;
      for (const contact of page.details) found.set(contact.id, contact);
    } while (page.after);
    this.#take(found);
    return page;
  }

  #take(found) {
    this.all = found;
    this.#byName.clear();
    for (const contact of found.values()) {
      for (const name of new Set(namesOf(contact))) this.#byName.set(name, [...this.named(name), contact]);
    }
    this.#changed();
  }

  /** Whether somebody is called so, and has this number if one is named. */
  has({ name, phone }) {
    return [...this.all.values()].some((contact) => namesOf(contact).some((other) => plain(other) === plain(name))
      && (!phone || digits(phone) === digits(contact.phone)));
  }
}

const asGiven = (contact) => namesOf(contact).map((name) => ({ name, phone: contact.phone, id: contact.id }));
