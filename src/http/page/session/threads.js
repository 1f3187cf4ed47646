// What was said with whom, as far as the page has asked for it or heard it, and what is on its way.
//
// A message names its contact, and no more. Where one contact is called so it is theirs. Where several are, the hub is asked
// whose it is; and where nobody is, or nobody in particular, it stays under the name.

const RECENT = 100;
const PAGE = 30;
// Of a thread no more is kept. The hub has the rest.
const MOST = 300;
// A name that more have than this is nobody's.
const MOST_SHARERS = 20;
// What the hub says of a name that is no contact's, or of several.
const IS_EMPTY = ['not_found', 'ambiguous_contact'];
const STEPS = ['accepted', 'simulated', 'sent', 'delivered', 'read', 'failed'];

const isFurther = (state, than) => STEPS.indexOf(state) > STEPS.indexOf(than);

/** Where a thread went on, once it was known whose it is. */
export const home = (thread) => (thread.movedTo ? home(thread.movedTo) : thread);

export class Threads {
  /** By the contact's id, or by a name that nobody has. */
  all = new Map();
  #requests;
  contacts;
  #changed;
  #placed = new Map();

  /** `changed(thread)` is called with the one that has changed, or with none if several have. */
  constructor(requests, contacts, changed) {
    this.#requests = requests;
    this.contacts = contacts;
    this.#changed = changed;
  }

  of(contact) {
    return this.all.get(contact.id) ?? this.#begin(contact.id, contact.name, contact);
  }

  /** The thread of the only one who is called so, or that of the name. */
  named(name) {
    const [only, another] = this.contacts.named(name);
    if (only && !another) return this.of(only);
    const key = `\n${name}`;
    return this.all.get(key) ?? this.#begin(key, name, null);
  }

  /** In a new session, or behind a gap: what is here may have holes. */
  async loadRecent() {
    for (const thread of this.all.values()) thread.isLoaded = false;
    const answer = await this.#requests.ask({ type: 'get_history', count: RECENT }).answer;
    for (const message of answer.messages ?? []) await this.#place(message);
    this.#changed();
  }

  /** The newest messages of it, once. */
  async load(thread) {
    if (thread.isLoaded) return;
    thread.isLoaded = true;
    const { contact } = thread;
    // Under a mere name there are no pages.
    const which = contact ? { type: 'get_history', conversation_id: contact.id } : { type: 'whatsapp_get_messages', contact: thread.name };
    const answer = await this.#requests.ask({ ...which, count: PAGE }).answer;
    if (contact) thread.before = answer.before;
    this.#takePage(thread, answer);
  }

  async loadOlder(thread) {
    const known = thread.messages.length;
    let answer;
    // Some of what is older may be here already.
    do {
      const which = { type: 'get_history', conversation_id: thread.key, before: thread.before };
      answer = await this.#requests.ask({ ...which, count: PAGE }).answer;
      if (answer.success) thread.before = answer.before;
      this.#takePage(thread, answer);
    } while (answer.before && thread.messages.length === known);
  }

  /** Lets go of its oldest. Whoever asks for older ones then goes back from the newest: the hub's places are between its pages. */
  trim(thread) {
    const gone = thread.messages.splice(0, thread.messages.length - MOST);
    for (const { id } of gone) this.#placed.delete(id);
    if (gone.length && thread.contact) thread.before = null;
  }

  /** Somebody in the session sent this, or a contact wrote it. */
  async receive({ message: text, ...message }) {
    const thread = await this.#place({ ...message, text });
    if (!thread) return;
    if (message.direction === 'incoming') thread.unread += 1;
    // One of ours is shown to everybody just before it is answered.
    const own = thread.own.find((item) => item.state === 'pending' && !item.shownAs && item.text === text);
    if (own && message.direction === 'outgoing') own.shownAs = message.id;
    this.#changed(thread);
  }

  /** A message got further, or one that was in doubt is not any more. */
  status({ id, request_id: request, state, text }) {
    const message = this.#placed.get(id);
    if (message && isFurther(state, message.state)) Object.assign(message, { state, why: text });
    for (const thread of this.all.values()) {
      const own = thread.own.find((item) => item.id === request && item.state === 'unsure');
      if (own && state === 'failed') Object.assign(own, { state, why: text });
      else if (own && message) this.forget(thread, own);
    }
    this.#changed();
  }

  /** `to` is whom the hub is told, if it is not plainly whose thread this is. */
  async send(thread, text, to) {
    const command = { action: 'send', contact: to ?? thread.contact?.id ?? thread.name, message: text };
    const { id, answer } = this.#requests.ask({ type: 'whatsapp_command', command });
    const own = { id, text, state: 'pending', timestamp: new Date().toISOString() };
    thread.own.push(own);
    this.#changed(thread);
    const result = await answer;
    this.#settle(thread, own, result, to);
    return result;
  }

  /** Where this message stands, if it is here. */
  holding(id) {
    return [...this.all.values()].find(({ messages }) => messages.some((message) => message.id === id));
  }

  /** It is not to be shown any more. */
  forget(thread, own) {
    thread.own = thread.own.filter((item) => item !== own);
  }

  /** Contacts came, went, or are called otherwise. */
  async regroup() {
    for (const thread of this.all.values()) {
      thread.contact = this.contacts.all.get(thread.key) ?? null;
      thread.name = thread.contact?.name ?? thread.name;
    }
    for (const thread of [...this.all.values()].filter(({ contact }) => !contact)) {
      const to = this.named(thread.name);
      if (to !== thread) this.#move(thread, to);
    }
    // What was one contact's may be another's of the same name.
    for (const thread of this.all.values()) {
      if (thread.messages.length && thread.contact && this.contacts.named(thread.name)[1]) await this.#refresh(thread);
    }
    this.#changed();
  }

  #begin(key, name, contact) {
    const thread = { key, name, contact, messages: [], own: [], unread: 0, draft: '', isLoaded: false, before: undefined };
    this.all.set(key, thread);
    return thread;
  }

  // Says where it went, or nothing if it is there already.
  async #place(message) {
    if (this.#placed.has(message.id)) return undefined;
    const sharers = this.contacts.named(message.contact);
    if (sharers.length > 1 && sharers.length <= MOST_SHARERS) {
      for (const contact of sharers) {
        const thread = this.of(contact);
        await this.#refresh(thread);
        if (this.holding(message.id) === thread) return thread;
      }
    }
    const thread = this.named(message.contact);
    return this.#put(thread, message) ? thread : undefined;
  }

  // Of several in one millisecond a page brings the older ones, from behind.
  #put(thread, message, isOlder = false) {
    const known = this.#placed.get(message.id);
    if (known) {
      if (isFurther(message.state, known.state)) known.state = message.state;
      return false;
    }
    this.#placed.set(message.id, message);
    const at = thread.messages.findLastIndex(({ timestamp }) => timestamp < message.timestamp || (!isOlder && timestamp === message.timestamp));
    thread.messages.splice(at + 1, 0, message);
    return true;
  }

  #takePage(thread, answer) {
    for (const message of answer.messages?.toReversed() ?? []) {
      // Of a name that is but alike the hub tells as well.
      if (thread.contact || message.contact === thread.name) this.#put(thread, message, true);
    }
    thread.trouble = answer.success || IS_EMPTY.includes(answer.code) ? '' : answer.text;
    if (thread.trouble) thread.isLoaded = false;
    this.#changed(thread);
  }

  async #refresh(thread) {
    for (const { id } of thread.messages.splice(0)) this.#placed.delete(id);
    thread.isLoaded = false;
    await this.load(thread);
  }

  #move(from, to) {
    for (const message of from.messages) {
      this.#placed.delete(message.id);
      this.#put(to, message);
    }
    to.own.push(...from.own);
    to.unread += from.unread;
    to.draft ||= from.draft;
    this.all.delete(from.key);
    from.movedTo = to;
  }

  #settle(thread, own, result, chosen) {
    const place = home(thread);
    const { id, contact, message: text, state, timestamp } = result;
    // The list may have changed just before. The person is told here, whoever got it, as loudly as of what failed.
    if (result.success && !chosen && !this.contacts.named(contact).includes(place.contact)) {
      Object.assign(own, { shownAs: null, state: 'failed astray', why: `This went to ${contact}, not to ${place.name}.` });
    } else if (result.success) {
      this.forget(place, own);
      this.#put(place, { id, contact, direction: 'outgoing', text, state, timestamp });
      this.#placed.get(id).isOurs = true;
    } else {
      own.shownAs = null;
      own.state = result.maybe_sent || result.code === 'lost' ? 'unsure' : 'failed';
      Object.assign(own, { why: result.text, candidates: result.candidates });
    }
    this.#changed(place);
  }
}
