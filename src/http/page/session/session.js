// The session page: clients that share a WhatsApp line. What the hub says goes to whom it concerns, and each part asks for itself.

import { Activity } from './activity.js';
import { Ai } from './ai.js';
import { Connection, TAKEN_OVER, TOKEN_EXPIRED, socketUrl } from '../shared/connection.js';
import { Contacts } from './contacts.js';
import { Conversation } from './conversation.js';
import { Countdown } from '../shared/countdown.js';
import { $, onSubmit, words } from '../shared/dom.js';
import { Entry } from '../shared/entry.js';
import { List } from './list.js';
import { People } from './people.js';
import { Requests } from './requests.js';
import { Sentences } from './sentences.js';
import { Threads, home } from './threads.js';
import { leaveMemo, takeMemo, tokenLeftBy } from '../shared/memo.js';

const MEMO = 'strowger-session';

const page = $('page');

// `wants` to be in; `registered` is about the socket at hand, the rest outlives it.
const me = { wants: false, known: false, registered: false, closed: 0, session: '', name: '', clientId: '', resumeToken: null, unanswered: false };
let status = { whatsapp: null, ai: null, auto_reply: false, clients: 0 };

const connection = new Connection(socketUrl(), {
  open: register,
  frame: receive,
  down,
  turnedAway: (wait, isOver) => entry.refuse(wait, isOver),
});
const requests = new Requests(connection);
const entry = new Entry($('entry'), connection, show);
const countdown = new Countdown($('countdown'), $('retry'), connection);
const activity = new Activity($('activity'));
const people = new People();
const contacts = new Contacts(requests, () => threads.regroup());
const threads = new Threads(requests, contacts, redraw);
const conversation = new Conversation(threads, requests, open);
const list = new List({ contacts, threads, requests, open });
const ai = new Ai(requests);
new Sentences(requests, activity);

// --- From the hub

function receive(frame) {
  // What we did is told where we did it.
  if (frame.content?.action === 'send' && frame.content.id) activity.untell(frame.content.id);
  const isAnswer = requests.take(frame);
  if (frame.type === 'error' && !isAnswer) return refused(frame);
  return received[frame.type]?.(frame, isAnswer);
}

const received = {
  registration_confirmed: welcome,
  session_status: standing,
  contact_list_broadcast: (frame, isAnswer) => isAnswer || contacts.load(),
  ai_delta: (frame) => ai.delta(frame),
  whatsapp_status: (frame) => threads.status(frame),

  whatsapp_message(frame) {
    threads.receive(frame);
    const { direction, contact, message, state, id } = frame;
    const told = direction === 'incoming' ? words`${contact}: ${message}` : words`To ${contact}: ${message}`;
    if (state === 'simulated') told.push(' (simulated)');
    activity.tell(told, '', id);
  },

  client_joined({ client_id: id, client_name: name }) {
    people.note(id, name);
    activity.tell(words`${name} joined.`);
  },

  client_left({ client_id: id, client_name: name }) {
    people.note(id);
    activity.tell(words`${name} left.`);
  },
};

function refused(frame) {
  // Whoever is in has the token's time run out. The close code says so too, but proxies lose it.
  if (frame.code === 'unauthorized') return me.registered ? down(TOKEN_EXPIRED, false) : entry.ask();
  if (frame.retry_after_ms) connection.holdBack(frame.retry_after_ms);
  if (me.registered || frame.request_type !== 'register') return activity.tell(words`${frame.error}`, 'bad');
  // A resume token that is not taken is tried once.
  if (me.resumeToken) {
    me.resumeToken = null;
    return register();
  }
  connection.leave();
  me.wants = false;
  $('join-complaint').textContent = frame.error;
  return show();
}

const REACHED = {
  simulated: 'Simulated: no bridge to WhatsApp is here, so nobody gets what is sent.',
  unavailable: 'WhatsApp can’t be reached just now. Nothing is sent, and nothing waits until it can.',
};

function standing(frame) {
  const before = status;
  status = frame;
  if (before.whatsapp && before.whatsapp !== status.whatsapp) activity.tell([REACHED[status.whatsapp] ?? 'WhatsApp is connected.']);
  if (before.whatsapp && before.auto_reply !== status.auto_reply) activity.tell([`Auto-reply is ${status.auto_reply ? 'on' : 'off'}.`]);
  show();
}

// --- The connection's ups and downs

function register() {
  connection.send({ type: 'register', client_name: me.name || 'web page', session: me.session, resume_token: me.resumeToken });
}

function welcome({ client_id: clientId, resume_token: resumeToken, recovered, missed }) {
  connection.settled();
  Object.assign(me, { clientId, resumeToken });
  const isSame = recovered || missed > 0;
  // Positions are counted anew in a new registration.
  if (!isSame) connection.pos = '0';
  const hadFocus = entry.close();
  if (me.known) activity.tell([recovered ? 'Connected again. Nothing was missed.' : 'Connected again.']);
  if (me.unanswered) activity.tell(['What you did last may not have been done: look before you do it again.'], 'bad');
  const isFirst = !me.known;
  Object.assign(me, { known: true, registered: true, unanswered: false });
  ai.back({ missed, isSame });
  requests.open(isSame);
  if (isFirst || !recovered) catchUp();
  conversation.setOpen(true);
  show();
  if (isFirst || hadFocus) $('contacts-title').focus();
}

async function catchUp() {
  people.load(me.session, me.clientId, connection.token);
  requests.ask({ type: 'get_status' }).answer.then((answer) => answer.success && standing(answer));
  await contacts.load();
  await threads.loadRecent();
  if (conversation.thread) threads.load(conversation.thread);
}

function down(code, isFinal) {
  if (me.registered) activity.tell([isFinal ? 'The connection was closed.' : 'The connection was lost. Trying to come back…'], 'bad');
  me.registered = false;
  me.closed = isFinal ? code : 0;
  if (isFinal) me.resumeToken = null;
  requests.shut(isFinal);
  conversation.setOpen(false);
  if (code === TOKEN_EXPIRED) entry.askAnew();
  show();
}

// --- The page

const WHERE = { simulated: 'simulated', connected: 'WhatsApp is connected', unavailable: 'WhatsApp can’t be reached' };

function stateInWords() {
  if (me.closed === TAKEN_OVER) return 'Disconnected: you went on elsewhere. Reload the page to start anew.';
  if (me.closed) return 'Disconnected. Reload the page to start again.';
  if (entry.isAsking) return 'Not connected: this hub asks for a token';
  if (!me.wants) return 'Not connected';
  if (!me.registered) return me.known ? 'Connection lost. Trying again' : 'Connecting';
  return ['Connected', ...(status.whatsapp ? [WHERE[status.whatsapp]] : [])].join(' · ');
}

function show() {
  page.dataset.line = me.registered ? 'open' : 'lost';
  page.dataset.whatsapp = status.whatsapp ?? '';
  const isIn = me.known;
  $('join').hidden = me.wants || !$('entry').hidden;
  for (const id of ['views', 'columns', 'leave', 'auto']) $(id).hidden = !isIn;
  $('banner').hidden = !isIn || !REACHED[status.whatsapp];
  // The same words once more would be read aloud once more; and the seconds are for eyes only.
  write($('state').firstChild, stateInWords());
  write($('banner').firstChild, REACHED[status.whatsapp] ?? '');
  const isWaiting = me.wants && !me.registered && !me.closed && !entry.isAsking;
  if (countdown.show(isWaiting)) $('contacts-title').focus();
  $('auto').setAttribute('aria-checked', Boolean(status.auto_reply));
  $('auto').setAttribute('aria-disabled', !me.registered);
  const hasAi = status.ai && status.ai !== 'rules';
  for (const id of ['asking', 'answers', 'summary', 'suggest']) $(id).hidden = !hasAi;
  $('no-ai').hidden = Boolean(hasAi) || !status.ai;
}

function write(text, said) {
  if (text.data !== said) text.data = said;
}

// Many messages at once are drawn once.
let isToBeDrawn = false;
function redraw() {
  if (isToBeDrawn) return;
  isToBeDrawn = true;
  setTimeout(() => {
    isToBeDrawn = false;
    const { thread } = conversation;
    if (thread && !document.hidden && $('log').checkVisibility()) thread.unread = 0;
    // What is above is not taken from who reads there.
    for (const each of threads.all.values()) if (each !== thread || conversation.follows) threads.trim(each);
    list.show();
    conversation.show();
    const unread = [...threads.all.values()].reduce((sum, each) => sum + each.unread, 0);
    document.title = `${unread ? `(${unread}) ` : ''}Shared line · Strowger`;
  });
}

function open(thread) {
  const opened = home(thread);
  opened.unread = 0;
  conversation.open(opened);
  list.choose(opened);
  view('conversation');
  if (matchMedia('(pointer: fine)').matches) $('message').focus();
  else $('whom').focus();
}

// Where there is no room for all columns, one is chosen.
function view(which) {
  // There the browser's button leads back to the contacts, as on any phone.
  const { view: before } = page.dataset;
  if (me.registered && which !== before) {
    if (before === 'contacts') history.pushState({ view: which }, '');
    else history.replaceState({ view: which }, '');
  }
  look(which);
}

function look(which) {
  page.dataset.view = which;
  for (const each of $('views').children) each.setAttribute('aria-current', each.dataset.view === which);
  redraw();
}

addEventListener('popstate', ({ state }) => look(state?.view ?? 'contacts'));
$('views').addEventListener('click', ({ target }) => target.dataset.view && view(target.dataset.view));
// To others it speaks in the name of all: nobody turns it on by a slip.
$('auto').addEventListener('click', () => {
  if (!me.registered) return;
  if (status.auto_reply) answerByItself(false);
  else $('answering').showModal();
});
const [cancel, turnOn] = $('answering').querySelectorAll('button');
cancel.addEventListener('click', () => $('answering').close());
turnOn.addEventListener('click', () => {
  $('answering').close();
  answerByItself(true);
});

function answerByItself(isOn) {
  requests.ask({ type: 'whatsapp_command', command: { action: isOn ? 'auto_on' : 'auto_off' } }).answer
    .then((answer) => answer.success || activity.tell(words`${answer.text}`, 'bad'));
}
$('advice-close').addEventListener('click', () => {
  $('advice').hidden = true;
  $('message').focus();
});
$('leave').addEventListener('click', () => {
  me.resumeToken = null;
  connection.leave(1000);
  location.reload();
});
onSubmit($('join'), () => {
  Object.assign(me, { wants: true, session: $('session').value.trim() || 'default', name: $('name').value.trim() });
  $('join-complaint').textContent = '';
  connection.connect();
  show();
});
for (const change of ['online', 'offline']) addEventListener(change, () => connection.wake());
document.addEventListener('visibilitychange', () => {
  if (document.hidden) return;
  connection.wake();
  redraw();
});

// --- The page comes and goes, as the chat page does

function begin() {
  const { token = tokenLeftBy('strowger'), pos = null, resumeToken, ...place } = takeMemo(MEMO) ?? {};
  Object.assign(connection, { token, pos });
  if (resumeToken) Object.assign(me, place, { resumeToken, wants: true });
  // Out of the cache it may be without a memo: then it knows yet where it was.
  if (me.wants) connection.connect();
  view('contacts');
  show();
  list.show();
}

let isFollowed = false;
addEventListener('pageswap', () => { isFollowed = true; });

addEventListener('pagehide', () => {
  const isClosing = 'onpageswap' in window && !isFollowed && !document.hidden;
  isFollowed = false;
  const { resumeToken, session, name } = me;
  const { token, pos } = connection;
  const place = resumeToken && { resumeToken, session, name, pos, unanswered: requests.isAnyInDoubt };
  if ((token || place) && !isClosing) leaveMemo({ token, ...place }, MEMO);
  me.resumeToken = connection.token = null;
  connection.leave(isClosing ? 1000 : undefined);
});

// Out of the browser's back-forward cache.
addEventListener('pageshow', (event) => {
  if (!event.persisted) return;
  down(0, false);
  begin();
});

begin();
