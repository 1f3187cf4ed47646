// What the person says to do in plain words, and what became of it.

import { $, button, element, foreign, onSubmit, words } from '../shared/dom.js';

const NOBODY_GOT_IT = 'Simulated, nobody got it. ';

export class Sentences {
  #requests;
  #activity;

  constructor(requests, activity) {
    [this.#requests, this.#activity] = [requests, activity];
    onSubmit($('saying'), () => {
      const sentence = $('sentence').value.trim();
      if (!sentence) return;
      $('sentence').value = '';
      this.#say(sentence);
    });
  }

  #say(sentence) {
    return this.#do(() => words`You: ${sentence}`, { type: 'whatsapp_ai_command', command: sentence }, sentence);
  }

  async #do(what, frame, sentence) {
    const line = this.#activity.tell(what(), 'ours');
    const answer = await this.#requests.ask(frame).answer;
    const paragraph = element('p', answer.success || answer.candidates || answer.confirm ? '' : 'bad', ...inWords(answer));
    const again = () => this.#do(what, frame, sentence);
    this.#activity.add(line, paragraph, ...this.#choices(answer, sentence, again));
  }

  // What the hub wants to know before it does it.
  #choices(answer, sentence, again) {
    const { contact, message, confirm } = answer;
    if (confirm) {
      const send = () => this.#do(() => words`You: send it to ${contact}`, { type: 'whatsapp_command', command: { action: 'send', contact, message, confirm } });
      const proposal = element('blockquote', '', ...words`To ${contact}: ${message}`);
      return [proposal, row(button('Send it', send), button('Leave it', () => {}))];
    }
    if (answer.code === 'lost') return [row(button('Do it again', again))];
    const { candidates } = answer;
    if (!candidates || !sentence) return [];
    return [row(...candidates.map((name) => button(foreign(name), () => this.#mean(sentence, contact, name))))];
  }

  // Where the name stands more than once it is not ours to say which one is meant: then the person says it anew.
  #mean(sentence, contact, name) {
    const small = sentence.toLowerCase();
    const places = small.split(contact.toLowerCase());
    const at = places[0].length;
    // These quotes are in fewer names than others are. Where a small letter takes more room than its capital, the places slip.
    if (places.length === 2 && small.length === sentence.length) {
      return this.#say(`${sentence.slice(0, at)}«${name}»${sentence.slice(at + contact.length)}`);
    }
    $('sentence').value = sentence;
    return $('sentence').focus();
  }
}

// What the hub says of a send to confirm is for programs.
const inWords = (answer) => (answer.success ? done(answer) : [answer.confirm ? 'Is this what you want to send?' : foreign(answer.text)]);

// One of these is pressed once.
function row(...buttons) {
  const made = element('div', 'choices', ...buttons);
  made.addEventListener('click', (event) => event.target.closest('button') && made.remove());
  return made;
}

const DONE = {
  send: ({ state, contact, message }) => (state === 'simulated' ? [NOBODY_GOT_IT, ...words`To ${contact}: ${message}`] : words`Sent to ${contact}: ${message}`),
  list: ({ contacts, total_count: count }) => [`${count} ${count === 1 ? 'contact' : 'contacts'}`, ...listed(contacts)],
  read: ({ messages }) => said(messages),
  search: ({ contacts, messages }) => [...listed(contacts), ...said(messages)],
  status: ({ clients, contacts, auto_reply: isOn }) => [`${clients} here, ${contacts} contacts, auto-reply is ${isOn ? 'on' : 'off'}.`],
  auto_on: () => ['Auto-reply is on.'],
  auto_off: () => ['Auto-reply is off.'],
  suggest: ({ suggestions }) => listed(suggestions),
};

const done = (answer) => DONE[answer.action]?.(answer) ?? [foreign(answer.text ?? 'Done.')];

const items = (rows) => [element('ul', '', ...rows.map((row) => element('li', '', ...row)))];
const listed = (texts) => (texts?.length ? items(texts.map((text) => [foreign(text)])) : []);
const said = (messages) => (messages.length ? items(messages.map(asRead)) : ['No messages.']);
const asRead = ({ direction, contact, text }) => (direction === 'outgoing' ? words`To ${contact}: ${text}` : words`${contact}: ${text}`);
