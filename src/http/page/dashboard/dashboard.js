// The dashboard: what the house tells of itself becomes figures, charts and tables.

import { leaveMemo, takeMemo } from '../shared/memo.js';
import { Countdown } from '../shared/countdown.js';
import { $ } from '../shared/dom.js';
import { Entry } from '../shared/entry.js';
import { Clients } from './clients.js';
import { HourChart, drawHistogram, fill, inDigits, inLongTime } from './draw.js';
import { Stream } from './stream.js';
import { Tail } from './tail.js';

const MEMO = 'strowger-dashboard';
// Over so many seconds the messages of one are counted.
const RATE_OVER = 10;

const stateLine = $('state');
const charts = { rate: new HourChart($('rate-chart'), 'Messages a second'), crowd: new HourChart($('crowd-chart'), 'People') };
let isLive = false;
// The newest counts of messages, with the time of each, for the rate.
let counted = [];

// --- From the house

const told = {
  figures(figures) {
    const { timestamp, people, texts, chats, uptime_seconds: uptime } = figures;
    for (const name of ['online', 'waiting', 'pairs', 'away', 'sessions']) show(name, inDigits(people[name]));
    show('chats', inDigits(chats));
    show('uptime', inLongTime(uptime));
    show('rate', inDigits(rate(Date.parse(timestamp) / 1000, texts.delivered + texts.held)));
    drawHistogram($('wait'), figures.wait);
    drawHistogram($('delivery'), figures.delivery);
    drawDoors(figures.doors);
    drawMessages(figures);
    drawLine(figures.line);
    drawHelpers(figures);
    clients.changed(people.online + people.away);
  },

  hour({ every_seconds: every, texts, online, waiting, pairs }) {
    charts.rate.show([{ name: 'messages', values: texts.map((count) => count / every) }], every);
    charts.crowd.show([{ name: 'online', values: online }, { name: 'waiting', values: waiting }, { name: 'pairs', values: pairs }], every);
  },

  log: (line) => tail.add(line),
  skipped: ({ skipped }) => tail.skip(skipped),
};

// The same words once more would be a change for whoever selects or listens.
function show(id, words) {
  if ($(id).textContent !== words) $(id).textContent = words;
}

function rate(now, count) {
  // A house that began anew counts from nothing.
  if (counted.at(-1)?.count > count) counted = [];
  counted = [...counted.filter(({ at }) => now - at <= RATE_OVER), { at: now, count }];
  const [{ at, count: before }] = counted;
  return now > at ? (count - before) / (now - at) : 0;
}

const TEXTS = { delivered: 'Delivered', held: 'Held for who was away', refused: 'Refused', failed: 'Came back to their sender' };
const SENDS = { handed: 'Handed over', acknowledged: 'Acknowledged', unknown: 'Fate unknown' };
const named = (names, counts) => Object.entries(names).map(([name, words]) => [words, counts[name]]);

function drawDoors({ sockets, callers, requests, turned_away: turnedAway }) {
  const refused = Object.entries(turnedAway).filter(([, count]) => count).map(([reason, count]) => [`Turned away: ${reason}`, count]);
  fill($('doors'), [['Open WebSockets', sockets], ['People by MCP or REST', callers], ...refused]);
  const doors = [...new Set(requests.map(({ door }) => door))];
  const statuses = [...new Set(requests.map(({ status }) => status))];
  const count = (door, status) => requests.find((asked) => asked.door === door && asked.status === status)?.count ?? 0;
  fill($('requests'), doors.map((door) => [door, ...statuses.map((status) => count(door, status))]), ['Door', ...statuses]);
}

function drawMessages({ texts, closes }) {
  fill($('texts'), named(TEXTS, texts));
  const rows = closes.map(({ code, reason, count }) => [String(code), { words: reason }, count]);
  fill($('closes'), rows.length ? rows : [['none yet']]);
}

function drawLine({ bridges_connected: connected, bridges_unavailable: unavailable, sends }) {
  const state = connected || unavailable ? `${inDigits(connected)} connected` : 'none: all is simulated';
  const lost = unavailable ? [['Bridges that are missing', { words: inDigits(unavailable), class: 'number bad' }]] : [];
  fill($('line'), [['Bridges', { words: state, class: 'words' }], ...lost, ...named(SENDS, sends)]);
}

function drawHelpers({ ai, store }) {
  const services = ai.map(({ service, rests, answered, failed }) => [
    `AI ${service}`, { words: rests ? 'failed, and is tried seldom' : 'ready', class: rests ? 'bad' : '' }, `${inDigits(answered)} answered, ${inDigits(failed)} failed`]);
  const none = [['AI', { words: 'none is set up' }, '']];
  const kept = store === 'writing' ? { words: 'writes' } : { words: 'can’t write: see the log', class: 'bad' };
  fill($('ai'), [...(services.length ? services : none), ['Store', kept, '']]);
}

// --- The line's ups and downs

function showState() {
  document.body.dataset.line = isLive ? 'open' : 'lost';
  const words = isLive ? 'Live' : entry.isAsking ? 'Not connected' : stream.retryAt ? 'Connection lost. Trying again' : 'Connecting';
  const [line] = stateLine.childNodes;
  if (line.data !== words) line.data = words;
  if (countdown.show(!isLive && !entry.isAsking)) $('house').focus();
}

function opened() {
  isLive = true;
  counted = [];
  tail.begin();
  const hadFocus = entry.close();
  $('house').hidden = false;
  if (hadFocus) $('house').focus();
  clients.begin(stream.token);
  showState();
}

function down() {
  isLive = false;
  clients.rest();
  showState();
}

const stream = new Stream('api/v1/admin/live', {
  open: opened,
  told: (event) => told[event.type]?.(event),
  down,
  turnedAway(wait, isOver, why) {
    down();
    $('house').hidden = true;
    if (isOver) entry.askAnew();
    else if ($('entry').hidden) entry.ask(why ?? 'This token opens nothing any more. Was the hub started again?');
    else entry.refuse(wait, false, why);
  },
});

const entry = new Entry($('entry'), stream, showState);
const countdown = new Countdown($('countdown'), $('retry'), stream);
const tail = new Tail($('tail'));
const clients = new Clients($('clients'));

// --- The page

stream.token = takeMemo(MEMO)?.token ?? null;
if (stream.token === null) entry.ask();
else stream.connect();
showState();
for (const change of ['online', 'focus']) addEventListener(change, () => stream.wake());
// The token is left for this page alone, when it is reloaded or left for another that one may come back from; and it is taken out
// when a page of the tab begins. Whoever closes the tab leaves none.
let isFollowed = false;
addEventListener('pageswap', () => { isFollowed = true; });
addEventListener('pagehide', () => {
  const isClosing = 'onpageswap' in window && !isFollowed;
  isFollowed = false;
  if (stream.token && !isClosing) leaveMemo({ token: stream.token }, MEMO);
  stream.leave();
});
addEventListener('pageshow', ({ persisted }) => {
  if (!persisted) return;
  takeMemo(MEMO);
  if (stream.token) stream.connect();
});
