// A complete client for the terminal: what you type is sent, what happens is shown.
//
//     node examples/client.mjs                                            # ws://localhost:8002
//     node examples/client.mjs ws://192.168.1.100:8002 --nickname Anna
//
// It takes nothing but Node.js, whose WebSocket is that of browsers: from 22 on it is there, 20 has to be asked for
// it: node --experimental-websocket examples/client.mjs. That WebSocket shows no pings, so silence is asked about
// with frames.
//
// Type #meet to find somebody, #help for the other commands. The end of the input (Ctrl-D) leaves. When the
// connection is lost it comes back to where it was; what is typed meanwhile waits.

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const FIRST_PAUSE = 0.5; // seconds before the first attempt to come back; doubled with each further one
const LONGEST_PAUSE = 30;
const [GOODBYE, LOST, TOKEN_EXPIRED] = [1000, 1006, 4005];
// All of a session see each other come and go, and share contacts: a stranger takes one of their own.
const SESSION = crypto.randomUUID();
// What makes sense whoever the partner is by the time it is sent. All else is for the partner of its moment.
const FOR_ANYBODY = /^\s*#((again|bye|who|hide|help|unblock)\s*|meet(\s.*)?)$/i;

const { values: options, positionals: [url = 'ws://localhost:8002'] } = parseArgs({
  allowPositionals: true,
  options: {
    nickname: { type: 'string' }, // what strangers call you; without it the hub makes one up
    'token-file': { type: 'string' }, // if the hub asks for a token; read for each connection: it may be renewed
    quiet: { type: 'string', default: '15' }, // seconds until silence is asked about, and again till it is a loss
  },
});

// What outlives a connection: who we are to the hub, how far we have come, and in which chat we are.
const place = {
  clientId: null,
  resumeToken: null, // good for one return; each confirmation brings another
  pos: '0', // of the last pushed frame that was dealt with; where a registration begins
  requests: 0, // numbers them; an answer carries its request's number
  state: 'idle', partner: undefined, chat: 0, // the last tells one chat from the next
};
const lines = []; // typed, and not answered yet; each with the chat that it is for, if it is for one
let isAtEnd = false; // nothing more will be typed
let wait = 0; // seconds for which the hub wants to be left alone

// Of the connection at hand.
let socket = null;
let watch = null; // the timer that looks after silence
let asked = null; // the request that finds out where we are
let underWay = null; // the request of the first line
let isSettled = false; // we know where we are, so lines may go out

// --- Connections come and go

async function main() {
  let expired = null;
  for (let attempts = 0; ; attempts += 1) {
    const token = options['token-file'] && readFileSync(options['token-file'], 'utf8').trim();
    if (token && token === expired) {
      say(`${options['token-file']} still holds the token that expired.`);
    } else {
      const { code, reason } = await visit(token, () => { attempts = 0; });
      if (code === GOODBYE) return;
      const why = code === LOST ? 'it was lost' : `${reason || 'no reason was given'} (${code})`;
      if (code >= 4500 && code <= 4999) throw new Error(`The hub does not let this client in: ${why}.`);
      say(code ? `The connection ended: ${why}.` : `There is no way in at ${url}.`);
      if (code === TOKEN_EXPIRED) expired = token;
    }
    const pause = Math.max(wait, pauseBefore(attempts));
    say(`Trying again in ${pause.toFixed(1)} s.`);
    await sleep(1000 * pause);
  }
}

/** One connection. Returns its close code and the reason; code 0 says that it did not come to be. */
async function visit(token, onRegistered) {
  const end = await new Promise((resolve) => {
    const lost = () => resolve({ code: LOST });
    socket = new WebSocket(url);
    wait = 0;
    socket.onopen = () => {
      socket.onerror = null; // A close follows, with a code.
      register(token);
    };
    socket.onmessage = ({ data }) => {
      lookAfterSilence(lost);
      const frame = JSON.parse(data);
      if (frame.type === 'registration_confirmed') onRegistered();
      receive(frame);
    };
    socket.onclose = resolve;
    socket.onerror = () => resolve({ code: 0 });
    watch = setTimeout(socket.onerror, 1000 * options.quiet);
  });
  clearTimeout(watch);
  socket.onmessage = null; // What it may still say came too late.
  socket.close(); // No goodbye: the hub waits for us to come back.
  if (underWay) say(`Not known whether it arrived: ${lines.shift().text}`); // The hub would not know it again.
  asked = underWay = null;
  isSettled = false;
  return end;
}

/** A network that died says nothing. */
function lookAfterSilence(lost) {
  clearTimeout(watch);
  watch = setTimeout(() => {
    send({ type: 'ping' });
    watch = setTimeout(lost, 1000 * options.quiet);
  }, 1000 * options.quiet);
}

/** Grows, so that a hub in trouble is left alone; and is never the same, so that not all come at once. */
function pauseBefore(attempts) {
  const pause = Math.min(FIRST_PAUSE * 2 ** attempts, LONGEST_PAUSE);
  return pause * (0.5 + Math.random() / 2);
}

// --- To the hub

function send(frame) {
  socket.send(JSON.stringify({ ...frame, last_pos: place.pos }));
}

function request(message) {
  place.requests += 1;
  send({ type: 'chat_message', message, request_id: String(place.requests) });
  return String(place.requests);
}

function register(token) {
  const { nickname } = options;
  send({ type: 'register', nickname, session: SESSION, token, resume_token: place.resumeToken });
}

function type(text) {
  const isForPartner = place.state === 'paired' && !FOR_ANYBODY.test(text);
  lines.push({ text, chat: isForPartner ? place.chat : null });
}

/** One line at a time, so that no more than one is in doubt when the connection breaks. The others wait. */
function sendNext() {
  if (!isSettled || underWay) return;
  while (lines.length && lines[0].chat !== null && lines[0].chat !== place.chat) {
    say(`Not sent, as that chat is over: ${lines.shift().text}`);
  }
  if (lines.length) underWay = request(lines[0].text);
  else if (isAtEnd) socket.close(GOODBYE);
}

// --- From the hub

function receive(frame) {
  if (frame.type === 'registration_confirmed') welcome(frame);
  const isAnswer = frame.type === 'response' || frame.type === 'error';
  if (isAnswer && frame.request_id === asked) return settle(frame.content);
  if (isAnswer && frame.request_id === underWay) takeAnswer(frame);
  if (frame.type === 'error') wait = (frame.retry_after_ms ?? 0) / 1000;
  if (frame.event === 'matched') stand('paired', frame.partner, true);
  if (frame.event === 'partner_left' || frame.event === 'expired') stand('idle');
  const text = shown(frame);
  if (text) say(text);
  place.pos = frame.pos ?? place.pos;
  sendNext();
}

function welcome({ client_id: clientId, resume_token: resumeToken, nickname, recovered, missed }) {
  const [isFirst, goesOn] = [place.clientId === null, place.clientId === clientId];
  Object.assign(place, { clientId, resumeToken });
  if (recovered) say(`Back as ${nickname}. Nothing is lost.`);
  else if (missed) say(`Back as ${nickname}. Lost meanwhile: ${missed}.`);
  else {
    // Positions are counted anew: of a new registration, or because the hub never gave the one we had.
    place.pos = '0';
    const over = isFirst ? '' : 'What went on is over. ';
    if (goesOn) say(`Back as ${nickname}. How much is lost is not known.`);
    else say(`${over}Registered as ${nickname}. Type #meet to find somebody.`);
  }
  // Answers to what was said on a connection that broke are lost. This one comes behind all that we missed.
  if (isFirst) isSettled = true;
  else asked = request('#who');
}

function settle(answer) {
  if (answer?.state) stand(answer.state, answer.partner);
  asked = null;
  isSettled = true;
  sendNext();
}

/** The first line was answered. What is not told as a sentence of the hub's is told here. */
function takeAnswer({ response_type: kind, content = {} }) {
  const { text } = lines.shift();
  underWay = null;
  const isNews = content.success && (content.command === 'meet' || content.command === 'again');
  if (content.state) stand(content.state, content.partner, isNews);
  if (kind !== 'chat_command_result' && !content.success) say(`Not delivered: ${text}`);
  else if (content.queued) say(`Held until your partner is back: ${text}`);
}

/** Where the person is now. Two partners may have the same name: `isNews` tells them apart. */
function stand(state, partner, isNews = false) {
  if (isNews || state !== place.state || partner !== place.partner) place.chat += 1;
  Object.assign(place, { state, partner });
}

/** What a person sees of a frame. Types that are not known are passed over. */
function shown(frame) {
  switch (frame.type) {
    case 'response': return frame.content.text;
    case 'chat_event':
      return frame.event === 'typing' ? frame.active && 'Your partner is typing...' : frame.text;
    case 'chat_message': return `${frame.from}: ${frame.message}`;
    case 'chat_message_failed': return `Not delivered: ${frame.message}`;
    case 'error': return frame.error;
    default: return null;
  }
}

/** What cannot be printed is left out: a stranger's text must not steer the terminal. */
function say(text) {
  console.log(text.replace(/(?!\u200d)[\p{C}\p{Zl}\p{Zp}]/gu, '')); // U+200D holds some emoji together.
}

if (typeof WebSocket === 'undefined') {
  console.error('This Node.js has to be asked for it: node --experimental-websocket examples/client.mjs');
  process.exit(1);
}
const typed = createInterface({ input: process.stdin });
typed.on('line', (line) => {
  if (line.trim()) type(line);
  sendNext();
});
typed.on('close', () => {
  isAtEnd = true;
  sendNext();
});
process.once('SIGINT', () => {
  if (!isSettled) process.exit();
  isAtEnd = true;
  socket.close(GOODBYE);
});
main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
}).finally(() => typed.close());
