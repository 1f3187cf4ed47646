// How the page says where one stands. What happens is for others to know.

import { TAKEN_OVER, TOKEN_EXPIRED } from '../shared/connection.js';

// A name may be written from the other side than the sentence around it, and must not turn that. Names have no such characters
// in them: the hub takes them out.
const [NAME_BEGINS, NAME_ENDS] = ['\u2068', '\u2069'];

/** A name to stand in a sentence. */
export const named = (name) => `${NAME_BEGINS}${name}${NAME_ENDS}`;

/** Puts such a sentence into an element, before what else is in it. One that stands there already would be read aloud anew. */
export function write(element, words, tail) {
  const parts = words.split(/[\u2068\u2069]/);
  if (element.textContent === parts.join('') + (tail?.textContent ?? '')) return;
  element.replaceChildren(...parts.map((part, at) => (at % 2 ? isolated(part) : part)), ...(tail ? [tail] : []));
}

function isolated(name) {
  const made = document.createElement('bdi');
  made.textContent = name;
  return made;
}

/** What the hub says of somebody, with the name as one. */
export function withName(text, name) {
  const before = name && ['with ', 'with: '].find((words) => text.includes(words + name));
  return before ? text.replace(before + name, () => before + named(name)) : text;
}

/** Why a text was not delivered, by the hub's code. */
export const WHY_NOT = {
  not_paired: 'your partner is gone',
  overloaded: 'the hub is too busy',
  too_large: 'it is too long',
  rate_limited: 'too many at once',
};
/** The line below the title, for somebody who stands so, or who is asked for a token. */
export function stateInWords(me, isAsking) {
  if (me.closed === TAKEN_OVER) return 'Disconnected: you went on elsewhere. Reload the page to start anew.';
  if (me.closed) return 'Disconnected. Reload the page to start again.';
  if (isAsking) return 'Not connected: this hub asks for a token';
  if (!me.registered && me.known) return 'Connection lost. Trying again';
  if (!me.registered) return 'Connecting';
  if (me.state === 'waiting') return ['Looking for someone', ...waitInWords(me.wait)].join(' · ');
  if (me.state === 'idle') return `Idle · you are ${named(me.nickname)}`;
  if (me.away) return `Chatting with ${partnerNamed(me)} · away, may come back`;
  return `Chatting with ${partnerNamed(me)}${me.typing ? ' · typing…' : ''}`;
}

/** Why the connection is gone. */
export function whyInWords(code, isFinal) {
  if (isFinal) return 'The connection was closed.';
  return code === TOKEN_EXPIRED ? 'Your token has expired. A new one brings you back.' : 'The connection was lost. Trying to come back…';
}

/** After a reload the name is still to come. */
export const partnerInWords = (me) => me.partner || 'your partner';
export const partnerNamed = (me) => (me.partner ? named(me.partner) : partnerInWords(me));

function waitInWords({ position, expected }) {
  const words = [];
  if (position) words.push(position === 1 ? 'you are next' : `number ${position} in line`);
  if (expected > 90_000) words.push(`about\u00a0${Math.round(expected / 60_000)}\u00a0min`);
  else if (expected) words.push(`about\u00a0${Math.ceil(expected / 1000)}\u00a0s`);
  return words;
}
