// What was asked and has no answer yet.
//
// Within one registration the hub knows a request again by its id, and does nothing twice: what a broken connection swallowed
// is asked again as it was. In a new registration it is not known: then what may have been done is left to the person.

// These do something, the others only ask.
const DOES = new Set(['whatsapp_command', 'whatsapp_ai_command', 'ai_request', 'get_summary', 'contact_list_update']);
// Of these the hub would take a second one for another.
const IS_NEVER_KNOWN_AGAIN = 'contact_list_update';

// Other frames with an id of ours are news of what we asked.
const ANSWERS = ['response', 'error', 'contact_list_broadcast'];

const PAUSE = 2_000;

const LOST = { success: false, code: 'lost', text: 'The connection was lost: not known whether it arrived.' };
const CLOSED = { success: false, code: 'closed', text: 'The connection is closed.' };

export class Requests {
  /** Whether nothing goes out any more, now or later. */
  isOver = false;
  #connection;
  #waiting = new Map();
  #isOpen = false;

  constructor(connection) {
    this.#connection = connection;
  }

  /** Its `id`, and a promise of the `answer`: what the hub says, or `code: 'lost'` if nobody will know. */
  ask(frame) {
    const id = this.#connection.newId();
    if (this.isOver) return { id, answer: Promise.resolve(CLOSED) };
    const answer = new Promise((settle) => this.#waiting.set(id, { frame, settle, isOut: false }));
    if (this.#isOpen) this.#put(id);
    return { id, answer };
  }

  /** Whether this frame was an answer to something here. */
  take(frame) {
    const request = this.#waiting.get(frame.request_id);
    if (!request || !ANSWERS.includes(frame.type)) return false;
    const { type, timestamp, content } = frame;
    const { code, retry_after_ms: pause } = content ?? frame;
    // A question that there is no room for just now is put again.
    if (code === 'overloaded' && !DOES.has(request.frame.type)) {
      setTimeout(() => this.#isOpen && this.#put(frame.request_id), pause ?? PAUSE);
      return true;
    }
    this.#waiting.delete(frame.request_id);
    if (type === 'error') request.settle({ success: false, code, text: frame.error });
    else request.settle({ success: true, timestamp, ...(content ?? frame) });
    return true;
  }

  /** There is a connection: in the registration that we had, or in a new one. */
  open(isSame) {
    this.#isOpen = true;
    for (const [id, request] of [...this.#waiting]) {
      if (this.#isInDoubt(request) && !(isSame && request.frame.type !== IS_NEVER_KNOWN_AGAIN)) this.#end(id, LOST);
      else this.#put(id);
    }
  }

  /** There is none any more, and perhaps none will come. */
  shut(isFinal) {
    this.#isOpen = false;
    this.isOver = isFinal;
    if (isFinal) for (const [id, request] of [...this.#waiting]) this.#end(id, this.#isInDoubt(request) ? LOST : CLOSED);
  }

  /** Whether something may be done of which we shall not hear if the page goes now. */
  get isAnyInDoubt() {
    return [...this.#waiting.values()].some((request) => this.#isInDoubt(request));
  }

  #isInDoubt({ isOut, frame }) {
    return isOut && DOES.has(frame.type);
  }

  #put(id) {
    const request = this.#waiting.get(id);
    if (request && this.#connection.send(request.frame, id)) request.isOut = true;
  }

  #end(id, answer) {
    this.#waiting.get(id).settle(answer);
    this.#waiting.delete(id);
  }
}
