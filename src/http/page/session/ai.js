// Questions to the AI, and its answers as they come, whoever in the session asked.

import { $, button, element, foreign, onSubmit } from '../shared/dom.js';

const MOST_ANSWERS = 50;
const TAKEN_BACK = 'This was taken back, or could not be answered.';

export class Ai {
  #requests;
  #byRequest = new Map();
  #byAnswer = new Map();

  constructor(requests) {
    this.#requests = requests;
    onSubmit($('asking'), () => {
      const prompt = $('prompt').value.trim();
      if (!prompt) return;
      $('prompt').value = '';
      this.#ask(prompt);
    });
  }

  /** A piece of an answer. */
  delta({ request_id: request, id, delta, done, code }) {
    const entry = this.#byRequest.get(request) ?? this.#byAnswer.get(id) ?? this.#begin('Somebody here asked the AI');
    this.#byAnswer.set(id, entry);
    // An answer that was asked for anew begins anew.
    if (entry.answer !== id) write(entry, '');
    entry.answer = id;
    entry.text.append(delta);
    follow();
    if (!done) return;
    this.#byAnswer.delete(id);
    if (!entry.request) this.#end(entry, code ? TAKEN_BACK : '', code);
  }

  /** The connection is back. What others asked may have been heard in part, or be told from its beginning. */
  back({ missed, isSame }) {
    for (const entry of this.#byAnswer.values()) {
      if (!isSame) write(entry, '');
      else if (missed) entry.note.textContent = 'A part of this was lost with the connection.';
    }
  }

  async #ask(prompt) {
    const { id, answer } = this.#requests.ask({ type: 'ai_request', prompt, stream: true });
    const entry = this.#begin('You asked: ', foreign(prompt));
    entry.request = id;
    this.#byRequest.set(id, entry);
    const stop = button('Stop', () => this.#requests.ask({ type: 'ai_cancel', target: id }));
    entry.article.append(stop);
    const result = await answer;
    this.#byRequest.delete(id);
    stop.remove();
    if (result.success) write(entry, result.text);
    this.#end(entry, result.success ? (result.truncated ? 'It ends here: this is the longest it may be.' : '') : result.text, !result.success);
  }

  #begin(...title) {
    const [text, note] = [element('p', 'text'), element('p', 'note')];
    text.dir = 'auto';
    const article = element('article', 'answer', element('p', 'from', ...title), text, note);
    article.setAttribute('aria-busy', 'true');
    $('answers').append(article);
    if ($('answers').childElementCount > MOST_ANSWERS) $('answers').firstElementChild.remove();
    // The end of some never comes.
    for (const [id, entry] of this.#byAnswer) if (!entry.article.isConnected) this.#byAnswer.delete(id);
    follow();
    return { article, text, note, request: null, answer: null };
  }

  // What was heard of an answer that failed is void.
  #end(entry, note, isVoid) {
    if (isVoid) write(entry, '');
    entry.note.textContent = note;
    entry.article.removeAttribute('aria-busy');
    follow();
  }
}

const write = (entry, text) => { entry.text.textContent = text; };

function follow() {
  $('answers').scrollTop = $('answers').scrollHeight;
}
