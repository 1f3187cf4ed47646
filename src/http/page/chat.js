// The chat page: what the person does becomes frames, what the hub says becomes lines.

import { Connection } from './connection.js';
import { Conversation } from './conversation.js';
import { TypingHint } from './typing.js';

const $ = (id) => document.getElementById(id);
const [card, stateLine, hide, nickname, tags, message] = ['card', 'state', 'hide', 'nickname', 'tags', 'message'].map($);
const conversation = new Conversation($('log'), $('intro'));

const WHY_NOT = {
  not_paired: 'your partner had already left',
  overloaded: 'the hub is too busy',
  too_large: 'it is too long',
  rate_limited: 'too many at once',
};

// The random chat is one crowd whatever the session, but all members of a session see its contacts and each other's coming
// and going. Strangers share neither, so every page is a session of its own.
const session = `page_${[...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;

// Where this person stands; `registered` is about the socket at hand, the rest outlives it.
const me = {
  known: false, registered: false, closed: false,
  state: 'idle', partner: '', away: false, typing: false, wait: {},
  nickname: '', askedFor: '', masked: true,
};

// What was sent and is not answered yet: request id to the line that shows it.
const unanswered = new Map();

// --- To the hub

function socketUrl() {
  const url = new URL('ws', location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  return url;
}

// Everything that says who we are, on a new socket as well as for a new nickname. What takes up an earlier registration
// belongs here too.
function register() {
  me.askedFor = nickname.value.trim() || me.nickname;
  connection.send({ type: 'register', client_name: 'chat_page', session, nickname: me.askedFor || null });
}

function keepNicknameCurrent() {
  const wanted = nickname.value.trim();
  if (me.registered && wanted && wanted !== me.askedFor) register();
}

function say(text, line) {
  keepNicknameCurrent();
  const id = connection.send({ type: 'chat_message', message: text });
  if (!line) return;
  line.dataset.request = id;
  unanswered.set(id, line);
}

// --- From the hub

const received = {
  registration_confirmed(frame) {
    // The hub cleans nicknames, and people should see what the others will see; what was typed since is left alone.
    if (me.askedFor && nickname.value.trim() === me.askedFor) nickname.value = frame.nickname;
    me.nickname = me.askedFor = nickname.placeholder = frame.nickname;
    if (!me.registered) welcome(frame.recovered);
    show();
  },

  response(frame) {
    const line = settle(frame.request_id);
    if (frame.response_type === 'chat_command_result') commandAnswered(frame.content, line);
    if (frame.response_type === 'chat_message_result') messageAnswered(frame.content, line);
  },

  chat_event(frame) {
    const react = events[frame.event];
    if (!react) return;
    react(frame);
    if (frame.text) conversation.system(frame.text);
    show();
  },

  chat_message(frame) {
    me.typing = false;
    conversation.theirs(frame.from, frame.message);
    show();
  },

  chat_message_failed(frame) {
    settle(frame.request_id);
    const line = conversation.findOwn(frame.request_id, frame.message);
    const why = WHY_NOT[frame.code] ?? frame.code;
    if (line) conversation.mark(line, 'failed', `Not delivered: ${why}`);
    else conversation.system(`⚠️ Not delivered: ${frame.message}`);
  },

  error(frame) {
    if (frame.retry_after_ms) connection.holdBack(frame.retry_after_ms);
    // A hint that nobody takes is no news.
    if (frame.request_type === 'chat_typing') return;
    const line = settle(frame.request_id);
    if (line) conversation.mark(line, 'failed', `Not delivered: ${frame.error}`);
    else conversation.system(frame.error);
  },
};

const events = {
  matched: (frame) => stand('paired', frame),
  partner_left: () => stand('idle'),
  expired: () => stand('idle'),
  partner_away: () => { me.away = true; },
  partner_back: () => { me.away = false; },
  typing(frame) {
    me.typing = frame.active;
    conversation.typing(frame.active);
  },
};

function settle(id) {
  const line = unanswered.get(id);
  unanswered.delete(id);
  return line;
}

function commandAnswered(answer, line) {
  if (line) conversation.mark(line, 'command', '');
  conversation.system(answer.text);
  me.masked = answer.masking ?? me.masked;
  if (answer.state) stand(answer.state, answer);
  show();
}

function messageAnswered(answer, line) {
  if (!line) return;
  if (!answer.success) conversation.mark(line, 'failed', `Not delivered: ${answer.text}`);
  else if (answer.queued) conversation.mark(line, 'queued', 'Held until your partner is back');
  else conversation.mark(line, 'delivered', 'Delivered');
}

function stand(state, { partner = me.partner, position, expected_wait_ms } = {}) {
  const stays = state === me.state && (state !== 'paired' || partner === me.partner);
  me.state = state;
  me.partner = state === 'paired' ? partner : '';
  me.wait = { position, expected: expected_wait_ms };
  if (stays) return;
  me.away = me.typing = false;
  conversation.typing(false);
  hint.forget();
}

// --- The connection's ups and downs

function welcome(recovered) {
  if (me.known) conversation.system('Connected again.');
  if (me.known && !recovered) startOver();
  me.known = me.registered = true;
  connection.settled();
}

// The hub has a new registration for us: what went on is over, and the switch is back where it begins.
function startOver() {
  const lost = { waiting: 'search', paired: 'chat' }[me.state];
  if (lost) conversation.system(`Your ${lost} could not be kept. Use #meet to start again.`);
  me.masked = true;
  stand('idle');
}

function down(isFinal) {
  if (me.registered) conversation.system(isFinal ? 'The connection was closed.' : 'The connection was lost. Trying to come back…');
  for (const line of unanswered.values()) conversation.mark(line, 'failed', 'The connection was lost; it may not have arrived');
  unanswered.clear();
  hint.forget();
  conversation.typing(false);
  me.registered = false;
  me.closed = isFinal;
  show();
}

// --- The page

function show() {
  card.dataset.state = me.state;
  card.dataset.line = me.registered ? 'open' : 'lost';
  // The same words once more would be read aloud once more.
  if (stateLine.textContent !== stateInWords()) stateLine.textContent = stateInWords();
  message.placeholder = { idle: 'Type #meet, or press Meet', waiting: 'One moment…', paired: `Write to ${me.partner}` }[me.state];
  hide.setAttribute('aria-checked', me.masked);
  for (const button of document.querySelectorAll('button')) button.setAttribute('aria-disabled', !me.registered);
}

function stateInWords() {
  if (me.closed) return 'Disconnected. Reload the page to start again.';
  if (!me.registered) return me.known ? 'Connection lost. Coming back…' : 'Connecting…';
  if (me.state === 'waiting') return ['Looking for someone', ...waitInWords(me.wait)].join(' · ');
  if (me.state === 'idle') return `Idle · you are ${me.nickname}`;
  if (me.away) return `Chatting with ${me.partner} · away, may come back`;
  return `Chatting with ${me.partner}${me.typing ? ' · typing…' : ''}`;
}

function waitInWords({ position, expected }) {
  const words = [];
  if (position) words.push(position === 1 ? 'you are next' : `number ${position} in line`);
  if (expected > 90_000) words.push(`about\u00a0${Math.round(expected / 60_000)}\u00a0min`);
  else if (expected) words.push(`about\u00a0${Math.ceil(expected / 1000)}\u00a0s`);
  return words;
}

function sendDraft() {
  const text = message.value.trim();
  if (!me.registered || !text) return;
  say(text, conversation.own(text));
  hint.forget();
  message.value = '';
  fitDraft();
}

// As high as the text, up to what the style sheet allows.
function fitDraft() {
  message.style.height = 'auto';
  message.style.height = `${message.scrollHeight}px`;
}

function meet() {
  if (!me.registered) return;
  // The fields go away during a chat, and on a touch screen a focus of ours would only bring up the keyboard.
  const typing = matchMedia('(pointer: fine)').matches || document.activeElement.tagName === 'INPUT';
  if (typing) message.focus();
  say(`#meet ${tags.value}`.trim());
}

function press(event) {
  const command = event.target.closest('[data-command]')?.dataset.command;
  if (command && me.registered) say(command);
}

const onSubmit = (form, act) => form.addEventListener('submit', (event) => {
  event.preventDefault();
  act();
});

const connection = new Connection(socketUrl(), {
  open: register,
  frame: (frame) => received[frame.type]?.(frame),
  down,
});

const hint = new TypingHint((active) => connection.send({ type: 'chat_typing', active }));

onSubmit($('meeting'), meet);
onSubmit($('composer'), () => {
  sendDraft();
  message.focus();
});
card.addEventListener('click', press);
nickname.addEventListener('change', keepNicknameCurrent);
message.addEventListener('input', () => {
  fitDraft();
  if (me.state === 'paired') hint.touched(message.value);
});
message.addEventListener('keydown', (event) => {
  // Enter also ends the choice of a character in an input method; that one is not ours.
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  sendDraft();
});
addEventListener('online', () => connection.retryNow());
document.addEventListener('visibilitychange', () => document.hidden || connection.retryNow());
addEventListener('pagehide', () => connection.leave());
// A page that comes out of the browser's back-forward cache has said goodbye before.
addEventListener('pageshow', (event) => {
  if (!event.persisted) return;
  down(false);
  connection.connect();
});

connection.connect();
