// Pages of a real Chromium at a hub that asks for a token (`auth.mode=token`), and at one that doesn't.
//
//     AUTH_TOKEN=… node with_token.mjs http://127.0.0.1:8004 http://127.0.0.1:8002 [folder for screenshots]
//
// The first hub's token is in AUTH_TOKEN. Prints one line per check and stops at the first failure with exit code 1.

import { join } from 'node:path';
import { Caller, TICKETS, is } from './caller.mjs';
import { Network } from './network.mjs';
import { Failure, SEARCHING, Tab, assertNone, check, connectedTo, run, withBrowser } from './tab.mjs';

const TOKEN = process.env.AUTH_TOKEN;
const ASKS = 'Not connected: this hub asks for a token';
const WRONG = 'This token opens nothing here.';
const TOO_MANY = /^Too many wrong tokens came\. Try again in [123] s\.$/;

async function whereNoneIsAsked(open, hub) {
  const caller = await Caller.at(hub, open, 'User_0');
  const { tab, field } = caller;
  await tab.stands('Idle');
  await check('where no token is asked for, the page asks for none and takes no ticket', async () => {
    is(await field.isVisible(), false, 'the form is shown');
    await caller.settled();
    is(caller.tickets.length, 0, 'requests');
  });
  await tab.page.context().close();
}

async function asked(caller, folder) {
  const { tab, form, field } = caller;
  await check('a hub that asks for a token is said to do so, and nothing else is offered', async () => {
    await tab.stands(ASKS);
    await form.waitFor();
    is(await field.evaluate((element) => element === document.activeElement), true, 'the focus is in the field');
    for (const name of ['Meet', 'Send']) is(await tab.page.getByRole('button', { name, exact: true }).isVisible(), false, name);
  });
  await check('and it said so to whoever had sent nothing but a socket', async () => {
    await caller.settled();
    is(`${caller.tickets.length} ${caller.sockets.length}`, '0 1', 'requests and sockets');
  });
  await tab.page.screenshot({ path: join(folder, 'token.png') });
}

async function mistakes(caller, hub, folder) {
  const { tab, field } = caller;
  await caller.enter('wrong');
  await check('a wrong token is said to be wrong', async () => {
    await caller.hears(WRONG);
    await tab.stands(ASKS);
    is(await field.getAttribute('aria-invalid'), 'true', 'the field is marked');
  });
  await tab.page.screenshot({ path: join(folder, 'wrong-token.png') });
  await caller.later(600_000);
  await check('and not tried again', () => {
    is(caller.tickets.length, 1, 'requests');
    is(caller.sockets.length, 1, 'sockets');
  });
  await caller.enter('ключ от дома');
  await check('what can be no token is not sent', async () => {
    await caller.hears(WRONG);
    is(caller.tickets.length, 1, 'requests');
  });
  await check('whoever comes after many wrong ones is told to wait', async () => {
    // Others guess; and the hub forgives one every three seconds.
    do {
      while ((await fetch(hub + TICKETS, { method: 'POST', headers: { Authorization: 'Bearer wrong' } })).status !== 429);
      await caller.enter('wrong');
      await caller.hears(/^(This|Too)/);
      await caller.later(0);
    } while (!TOO_MANY.test(await caller.complaint.textContent()));
  });
  const sent = caller.tickets.length;
  await check('and sends nothing meanwhile', async () => {
    await caller.enter(TOKEN);
    await caller.later(100);
    is(caller.tickets.length, sent, 'requests');
  });
  await caller.later(3_000);
  await check('until the time is over', () => caller.hears('You may try again.'));
}

async function entering(caller) {
  const { tab, field } = caller;
  await caller.enter(TOKEN);
  await check('the right one opens the hub', () => caller.isIn('Idle'));
  await check('and the page goes on where the form was', async () => {
    is(await tab.page.evaluate(() => document.activeElement.textContent), 'Meet', 'the focus');
    is(await field.inputValue(), '', 'the field');
  });
}

async function meeting(a, b) {
  await Promise.all([a.tab.takeNickname(), b.tab.takeNickname()]);
  await a.tab.press('Meet');
  await a.tab.sees(SEARCHING);
  await b.tab.press('Meet');
  await check('two who came in meet and talk', async () => {
    await Promise.all([a.tab.sees(connectedTo('User_B')), b.tab.sees(connectedTo('User_A'))]);
    await a.tab.type('Hello!');
    await b.tab.sees('Hello!');
    await b.tab.type('Hello yourself!');
    await a.tab.sees('Hello yourself!');
  });
}

async function comingBack(a, b, network) {
  await a.tab.page.reload();
  await check('a reloaded page is back in its chat, and is not asked again', async () => {
    await a.isIn('Chatting with User_B');
    await a.tab.type('reloaded');
    await b.tab.sees('reloaded');
  });
  await network.cut();
  await b.tab.stands(/^Connection lost\. Trying again/);
  await a.tab.type('while you were away');
  await network.mend();
  await check('and so is one that lost the network', async () => {
    await b.tab.sees('Connected again.');
    await b.isIn('Chatting with User_A');
    await b.tab.sees('while you were away');
    await b.tab.type('here I am');
    await a.tab.sees('here I am');
  });
}

/** The hub has nothing to give, or another token than before. The answers are ours: no hub here changes its mind. */
async function refusals(caller) {
  const { tab } = caller;
  const answers = [
    { status: 503, headers: { 'Retry-After': '9' } },
    { status: 429, headers: { 'Retry-After': '9' }, body: 'a proxy says so' },
    { status: 401, json: { code: 'unauthorized' } },
  ];
  await tab.page.route(`**${TICKETS}`, (route) => route.fulfill(answers.shift()));
  await tab.page.reload();
  await check('a hub that is too busy is asked again when it said', () => tab.stands(/^Connecting\sin [89] s\.$/));
  await caller.later(9_000);
  await check('and so is a proxy, which has nothing against the token', () => tab.stands(/^Connecting\sin [89] s\.$/));
  await caller.later(9_000);
  await check('whose token does no more is asked by the hub', async () => {
    await caller.form.waitFor();
    await tab.stands(ASKS);
    is(await caller.complaint.textContent(), '', 'the complaint');
  });
  await tab.page.unroute(`**${TICKETS}`);
  await caller.enter(TOKEN);
  await check('and with another is back in the chat', () => caller.isIn('Chatting with User_B'));
}

async function secrets(callers) {
  for (const { tab, sockets, requests, console } of callers) {
    const held = await tab.page.evaluate(() => JSON.stringify([sessionStorage, localStorage, document.cookie, location.href])
      + document.documentElement.outerHTML + [...document.querySelectorAll('input, textarea')].map(({ value }) => value).join());
    await check(`what ${tab.nickname} typed is in no address, no page, no storage and no log`, () => {
      const shown = [held, ...sockets, ...requests.map((request) => request.url()), ...console];
      assertNone(shown.filter((text) => text.includes(TOKEN)), 'the token');
    });
    const tickets = sockets.map((url) => new URL(url).searchParams.get('ticket')).filter(Boolean);
    await check('and each socket had a ticket of its own', () => is(new Set(tickets).size, tickets.length, 'tickets'));
    if (tickets.length < 2) throw new Failure(`FAILED ${tab.nickname} came with ${tickets.length} tickets`);
  }
}

run(async ([guarded, hub, folder]) => {
  if (!hub || !TOKEN) throw new Failure('usage: AUTH_TOKEN=… node with_token.mjs http://127.0.0.1:PORT http://127.0.0.1:PORT [folder]');
  const network = await Network.to(guarded);
  await withBrowser(folder, async (browser, screenshots, complaints) => {
    const open = (url, nickname, options) => Tab.open(browser, url, nickname, complaints, options);
    await whereNoneIsAsked(open, hub);
    const a = await Caller.at(guarded, open, 'User_A', { clock: true, isRefused: true });
    const b = await Caller.at(network.url, open, 'User_B', { breaks: true });
    await asked(a, screenshots);
    await mistakes(a, guarded, screenshots);
    await entering(a);
    await b.enter(TOKEN);
    await b.isIn('Idle');
    await meeting(a, b);
    await comingBack(a, b, network);
    await refusals(a);
    await secrets([a, b]);
  });
  network.close();
});
