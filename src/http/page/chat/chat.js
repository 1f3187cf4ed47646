// The chat page: what the person does becomes frames, what the hub says becomes lines.

import { Connection, TOKEN_EXPIRED, socketUrl } from '../shared/connection.js';
import { isAboutPartner, isCommand, isHide } from './commands.js';
import { Consent } from './consent.js';
import { Conversation } from './conversation.js';
import { Countdown } from '../shared/countdown.js';
import { Draft } from './draft.js';
import { $, onSubmit } from '../shared/dom.js';
import { Entry } from '../shared/entry.js';
import { leaveMemo, newSession, takeMemo, tokenLeftBy } from '../shared/memo.js';
import { Menu, Parting } from './menu.js';
import { Notifier } from './notify.js';
import { Outbox } from './outbox.js';
import { TypingHint } from './typing.js';
import { Unread } from './unread.js';
import { WHY_NOT, partnerInWords, partnerNamed, stateInWords, whyInWords, write } from './words.js';

const [card, hide, nickname, tags, message] = ['card', 'hide', 'nickname', 'tags', 'message'].map($);
const conversation = new Conversation($('log'), $('intro'), () => {
  me.typing = false;
  show();
});
const unread = new Unread(conversation);
const consent = new Consent($('consent'));
const notifier = new Notifier($('notify'), $('notify-complaint'));
const menu = new Menu($('more'), $('panel'), card);

// Where this person stands; `registered` is about the socket at hand, the rest outlives it. `chat` tells one chat from the next.
// `asking` is the request that finds out where we are after a return; `wanted` is what masking shall be while a #hide has no
// answer.
const me = {
  known: false, registered: false, closed: 0, asking: null,
  state: 'idle', chat: 0, partner: '', away: false, typing: false, wait: {},
  nickname: '', askedFor: '', masked: true, wanted: null,
  resumeToken: null, session: '', reloaded: null,
};

// --- To the hub

// Everything that says who we are: on a new socket, with what takes up the registration we had; and for a new nickname.
function register() {
  me.askedFor = nickname.value.trim() || me.nickname;
  const resume = me.registered ? {} : { resume_token: me.resumeToken };
  connection.send({ type: 'register', client_name: 'chat_page', session: me.session, nickname: me.askedFor || null, ...resume });
}

function keepNicknameCurrent() {
  const wanted = nickname.value.trim();
  if (me.registered && wanted && wanted !== me.askedFor) register();
}

// A text is for the partner whom the person wrote it to, and a block or report about the one at hand, and nobody else.
function say(text, line) {
  keepNicknameCurrent();
  const chat = me.state === 'paired' && (!isCommand(text) || isAboutPartner(text)) ? me.chat : null;
  if (line && !me.registered) conversation.mark(line, 'waiting', 'Waits for the connection');
  outbox.put({ text, line, chat });
}

// Without a connection a text for the partner waits, if there is one. What a command would do by then nobody knows.
const canBeSaid = (text) => me.registered || (me.known && !me.closed && me.state === 'paired' && !isCommand(text));

const outbox = new Outbox({
  send({ text, line }) {
    if (isHide(text)) me.wanted ??= !me.masked;
    const id = connection.send({ type: 'chat_message', message: text });
    if (id && line) {
      line.dataset.request = id;
      conversation.mark(line, 'pending', 'Sending…');
    }
    return id;
  },
  // A command is for the hub; a text is for whom it was written to, be it nobody.
  fits: ({ text, chat }) => (me.state === 'paired' ? chat === me.chat || (chat === null && isCommand(text)) : chat === null),
  refuse({ text, line, chat }) {
    const why = me.closed ? 'the connection is closed' : chat === null ? 'nobody was there when you wrote it' : WHY_NOT.not_paired;
    if (line) conversation.mark(line, 'failed', `Not sent: ${why}`);
    else if (!isHide(text)) conversation.system(`Not done: ${text}, as ${why}.`);
  },
});

// --- From the hub

const received = {
  registration_confirmed(frame) {
    // The hub cleans nicknames, and people should see what the others will see; what was typed since is left alone.
    if (me.askedFor && nickname.value.trim() === me.askedFor) nickname.value = frame.nickname;
    me.nickname = me.askedFor = nickname.placeholder = frame.nickname;
    me.resumeToken = frame.resume_token;
    if (!me.registered) welcome(frame);
    show();
  },

  response(frame) {
    if (frame.request_id === me.asking) return goOn(frame.content);
    const item = outbox.take(frame.request_id);
    if (frame.response_type === 'chat_command_result') commandAnswered(frame.content, item?.line);
    if (frame.response_type === 'chat_message_result') messageAnswered(frame.content, item);
    outbox.next();
  },

  chat_event(frame) {
    const react = events[frame.event];
    if (!react) return;
    react(frame);
    if (frame.text) conversation.system(frame.text, frame.partner);
    show();
  },

  chat_message(frame) {
    me.typing = false;
    // Whoever answers has read what was held for them.
    conversation.markQueuedAsDelivered();
    // They may have taken another name.
    if (me.state === 'paired') me.partner = frame.from;
    unread.text();
    notifier.show('Your partner wrote');
    conversation.theirs(frame.from, frame.message);
    show();
  },

  chat_message_failed(frame) {
    const line = conversation.findOwn(frame.request_id, frame.message);
    const why = WHY_NOT[frame.code] ?? frame.code;
    if (line) conversation.mark(line, 'failed', `Not delivered: ${why}`);
    else conversation.system(`⚠️ Not delivered: ${frame.message}`);
  },

  error(frame) {
    // Whoever is in has the token's time run out. The close code says so too, but proxies lose it.
    if (frame.code === 'unauthorized') return me.registered ? down(TOKEN_EXPIRED, false) : entry.ask();
    if (frame.retry_after_ms) connection.holdBack(frame.retry_after_ms);
    // A hint that nobody takes is no news.
    if (frame.request_type === 'chat_typing') return;
    // A resume token that is not taken is tried once.
    if (frame.request_type === 'register' && !me.registered) me.resumeToken = null;
    const item = outbox.take(frame.request_id);
    if (item && isHide(item.text)) me.wanted = null;
    const line = item?.line ?? (frame.request_id && conversation.findOwn(frame.request_id));
    if (line) conversation.mark(line, 'failed', `Not delivered: ${frame.error}`);
    else conversation.system(frame.error);
    outbox.next();
  },
};

const events = {
  matched(frame) {
    unread.matched();
    notifier.show('Connected');
    stand('paired', frame, true);
  },
  partner_left: () => stand('idle'),
  expired: () => stand('idle'),
  partner_away() {
    me.away = true;
    me.typing = false;
    conversation.typing(false);
  },
  partner_back() {
    me.away = false;
    conversation.markQueuedAsDelivered();
  },
  typing(frame) {
    me.typing = frame.active;
    conversation.typing(frame.active);
  },
};

function commandAnswered(answer, line) {
  if (line) conversation.mark(line, 'command');
  conversation.system(answer.text, answer.partner);
  if (answer.masking !== undefined) masked(answer.masking);
  if (answer.state) stand(answer.state, answer);
  show();
}

// #hide turns the switch, whatever it says. If one got lost we don't know whether it turned, so we turn it until it says what
// the person wanted.
function masked(now) {
  me.masked = now;
  if (me.wanted === now) me.wanted = null;
  if (me.wanted !== null) outbox.putFirst({ text: '#hide', chat: null });
}

function messageAnswered(answer, item) {
  if (!item) return;
  if (answer.code === 'rate_limited' && answer.retry_after_ms) {
    outbox.putFirst(item);
    outbox.rest(answer.retry_after_ms);
  }
  if (!item.line || answer.code === 'rate_limited') return;
  if (!answer.success) conversation.mark(item.line, 'failed', `Not delivered: ${answer.text}`);
  else if (answer.queued) conversation.mark(item.line, 'queued', 'Held until your partner reads it');
  else conversation.mark(item.line, 'delivered', 'Delivered');
  show();
}

function stand(state, { partner = me.partner, position, expected_wait_ms } = {}, isNews = false) {
  // After a reload the partner's name is still to come.
  const isSamePartner = !me.partner || (partner === me.partner && !isNews);
  const stays = state === me.state && (state !== 'paired' || isSamePartner);
  me.state = state;
  me.partner = state === 'paired' ? partner : '';
  me.wait = { position, expected: expected_wait_ms };
  if (stays) return;
  me.chat += 1;
  if (state === 'paired') consent.given();
  parting.forget();
  me.away = me.typing = false;
  conversation.typing(false);
  hint.forget();
}

// --- The connection's ups and downs

function welcome({ recovered, missed }) {
  connection.settled();
  if (entry.close()) takeFocus();
  const returned = recovered || missed > 0;
  if (me.known) conversation.system('Connected again.');
  if (missed > 0) conversation.system(missed === 1 ? '1 line for you was lost meanwhile.' : `${missed} lines for you were lost meanwhile.`);
  // Positions are counted anew in a new registration. Without one, the hub would take all that it wrote as read.
  if (!returned) connection.pos = '0';
  if (!returned) startOver();
  if (me.reloaded) welcomeBack(returned);
  me.known = me.registered = true;
  // What was answered on the connection that broke is lost: it takes a question to know where we are. Its answer comes behind
  // all that we missed, so whoever was left meanwhile knows it before their waiting lines go out.
  if (returned || missed === null) me.asking = connection.send({ type: 'chat_message', message: '#who' });
  else outbox.open();
}

// The hub has a new registration for us: what went on is over, and the switch is back where it begins.
function startOver() {
  const lost = { waiting: 'search', paired: 'chat' }[me.state];
  if (lost) conversation.system(`Your ${lost} could not be kept. Use #meet to start again.`);
  me.masked = true;
  me.wanted = null;
  stand('idle');
}

// The page is new, and has no lines of the one before: nothing that was said is written down.
function welcomeBack(returned) {
  const { unanswered } = me.reloaded;
  me.reloaded = null;
  if (returned && me.state === 'paired') conversation.system('You are back. What was said before the page was reloaded is not kept.');
  if (unanswered) conversation.system('What you sent last may not have arrived.');
}

function goOn(answer) {
  me.asking = null;
  if (answer.state) stand(answer.state, answer);
  if (me.wanted !== null) outbox.putFirst({ text: '#hide', chat: null });
  outbox.open();
  show();
}

function down(code, isFinal) {
  if (me.registered) conversation.system(whyInWords(code, isFinal));
  me.registered = false;
  me.asking = null;
  me.closed = isFinal ? code : 0;
  const inDoubt = outbox.shut();
  if (inDoubt?.line) conversation.mark(inDoubt.line, 'unsure', 'The connection was lost: not known whether it arrived');
  else if (inDoubt && !isHide(inDoubt.text)) conversation.system(`Not known whether ${inDoubt.text} was done: the connection was lost.`);
  for (const { line } of outbox.items) if (line) conversation.mark(line, 'waiting', 'Waits for the connection');
  if (isFinal) {
    me.resumeToken = null;
    outbox.empty();
  }
  hint.forget();
  conversation.typing(false);
  me.typing = false;
  if (code === TOKEN_EXPIRED) entry.askAnew();
  show();
}

// --- The page

function show() {
  card.dataset.state = me.state;
  card.dataset.line = me.registered ? 'open' : 'lost';
  write($('state'), stateInWords(me, entry.isAsking), $('countdown'));
  if (countdown.show(!me.registered && !me.closed && !entry.isAsking)) takeFocus();
  message.placeholder = { idle: '#meet, or press Meet', waiting: 'One moment…', paired: `Write to ${partnerInWords(me)}` }[me.state];
  hide.setAttribute('aria-checked', me.masked);
  for (const button of document.querySelectorAll('#meet, #send, [data-command], [data-ask]')) {
    const isOfUse = { send: canBeSaid(''), block: canPart(), report: canPart() }[button.id] ?? me.registered;
    button.setAttribute('aria-disabled', !isOfUse);
  }
}

// What had the focus is gone.
const takeFocus = () => (me.state === 'paired' ? message : $('meet')).focus();

const canPart = () => me.registered && me.state === 'paired';

function sendDraft() {
  const { text } = draft;
  if (!text) return;
  if (!canBeSaid(text)) return conversation.system('Not sent: there is no connection. Your text stays in the field.');
  if (outbox.isFull) return conversation.system('Not sent: too much waits already. Your text stays in the field.');
  say(text, conversation.own(text));
  hint.forget();
  draft.clear();
}

function meet() {
  if (!me.registered) return;
  // The fields go away during a chat, and on a touch screen a focus of ours would only bring up the keyboard.
  const typing = matchMedia('(pointer: fine)').matches || document.activeElement.tagName === 'INPUT';
  if (typing) message.focus();
  say(`#meet ${tags.value}`.trim());
}

function press(event) {
  // The second click of two was meant for what was there at the first.
  if (event.detail > 1) return;
  const { command, ask } = event.target.closest('[data-command], [data-ask]')?.dataset ?? {};
  if (command && me.registered) say(command);
  if (ask && canPart()) parting.ask(ask, partnerNamed(me));
  const again = event.target.closest('.again');
  if (!again || !canBeSaid(again.closest('.own').querySelector('.text').textContent)) return;
  const text = conversation.takeBack(again);
  message.focus();
  say(text, conversation.own(text));
}

const connection = new Connection(socketUrl(), {
  open: register,
  frame: (frame) => received[frame.type]?.(frame),
  down,
  turnedAway: (wait, isOver) => entry.refuse(wait, isOver),
});

const entry = new Entry($('entry'), connection, show);
const countdown = new Countdown($('countdown'), $('retry'), connection);

const hint = new TypingHint((active) => connection.send({ type: 'chat_typing', active }));

const draft = new Draft(message, {
  send: sendDraft,
  touched: (text) => me.registered && me.state === 'paired' && hint.touched(text),
});

const parting = new Parting($('parting'), (command) => {
  menu.close();
  if (canPart()) say(command);
  else conversation.system('Not done: there is no connection.');
});

onSubmit($('meeting'), meet);
$('meet').addEventListener('click', (event) => event.detail > 1 && event.preventDefault());
onSubmit($('composer'), () => {
  sendDraft();
  message.focus();
});
card.addEventListener('click', press);
nickname.addEventListener('change', keepNicknameCurrent);
for (const change of ['online', 'offline']) addEventListener(change, () => connection.wake());
document.addEventListener('visibilitychange', () => document.hidden || connection.wake());

// --- The page comes and goes

// Goes on with what the page before left, or with what this one left itself.
function begin() {
  const memo = takeMemo();
  const { token = tokenLeftBy('strowger-session'), pos = null, unanswered, ...place } = memo ?? {};
  Object.assign(connection, { token, pos });
  Object.assign(me, place.resumeToken ? place : { resumeToken: null, session: newSession() });
  connection.connect();
  return place.resumeToken ? memo : null;
}

// Whoever closes the tab is gone, and the partner need not wait. Whoever reloads, or follows a link and may come back, is
// away. Only `pageswap` tells these apart: it comes before the end of a page that another one follows. Browsers without it,
// and pages that nobody looks at, are taken to come back.
let isFollowed = false;
addEventListener('pageswap', () => { isFollowed = true; });

addEventListener('pagehide', () => {
  const isClosing = 'onpageswap' in window && !isFollowed && !document.hidden;
  isFollowed = false;
  const { resumeToken, session, state, masked, wanted } = me;
  const unanswered = outbox.items.some(({ line }) => line);
  const { token, pos } = connection;
  const place = resumeToken && { resumeToken, session, pos, state, masked, wanted, unanswered };
  if ((token || place) && !isClosing) leaveMemo({ token, ...place });
  me.resumeToken = connection.token = null;
  connection.leave(isClosing ? 1000 : undefined);
});

// Out of the browser's back-forward cache: this page goes on, unless another one in this tab took the memo.
addEventListener('pageshow', (event) => {
  if (!event.persisted) return;
  down(0, false);
  begin();
});

me.reloaded = begin();
