// Pages of a real Chromium lose the network, are reloaded, closed and duplicated in the middle of a chat.
//
//     node coming_back.mjs http://127.0.0.1:8002 http://127.0.0.1:8003 [folder for screenshots]
//
// The second hub keeps a place for two seconds only and lets people write a few lines a second (`--set chat.grace=2s`,
// `limits.texts_per_second=8`, `limits.texts_burst=2`), for what becomes of who stays away, or writes fast.

import { join } from 'node:path';
import { Network } from './network.mjs';
import { Failure, PARTNER_LEFT, SEARCHING, Tab, check, connectedTo, run, withBrowser } from './tab.mjs';

const AWAY = '⏳ Your partner lost the connection. Waiting for them to come back...';
const BACK = 'Your partner is back.';
const LOST = 'The connection was lost. Trying to come back…';
const AGAIN = 'Connected again.';
const WAITS = 'Waits for the connection';
const HELD = 'Held until your partner reads it';
const NOT_KNOWN = 'The connection was lost: not known whether it arrived';

const numbered = (what, count) => Array.from({ length: count }, (_, at) => `${what} ${at + 1}`);

/** Two who have met. The second one's network can be broken. */
async function couple(open, hub, options) {
  const network = await Network.to(hub);
  const [a, b] = await Promise.all([open(hub, 'User_A'), open(network.url, 'User_B', { breaks: true, ...options })]);
  await Promise.all([a.stands('Idle'), b.stands('Idle')]);
  await Promise.all([a.takeNickname(), b.takeNickname()]);
  await a.press('Meet');
  await a.sees(SEARCHING);
  await b.press('Meet');
  await Promise.all([a.sees(connectedTo('User_B')), b.sees(connectedTo('User_A'))]);
  return { a, b, network, close: () => Promise.all([a, b].map((tab) => tab.page.context().close())).then(network.close) };
}

async function aLostNetwork(open, hub) {
  const { a, b, network, close } = await couple(open, hub);
  await b.type('before');
  await a.sees('before');
  await a.type('before, too');
  await b.sees('before, too');
  await network.cut();
  await check('who lost the network is told so, with when the next attempt is', async () => {
    await b.sees(LOST);
    await b.stands(/^Connection lost\. Trying again\sin \d+ s\.$/);
  });
  await check('and the partner hears of it', async () => {
    await a.sees(AWAY);
    await a.stands('away, may come back');
  });
  const lines = numbered('while you were away', 5);
  for (const line of lines) await a.type(line);
  await check('what is written to somebody who is away is held', () => a.sees(HELD, 5));
  const own = numbered('typed without a network', 2);
  for (const line of own) await b.type(line);
  await check('what is typed without a network waits', () => b.sees(WAITS, 2));
  await b.type('#bye');
  await check('a command does not, and stays where it was typed', async () => {
    await b.sees('Not sent: there is no connection. Your text stays in the field.');
    if (await b.message.inputValue() !== '#bye') throw new Error('the draft is gone');
  });
  await b.message.fill('half a thought');
  await network.mend();
  await check('once the network is back, every line is there, once and in order', () => b.reads('while', lines));
  await check('and nothing of before is repeated', async () => {
    await b.sees('before, too');
    await b.sees(AGAIN);
    await b.stands('Chatting with User_A');
  });
  await check('the partner hears of the return', async () => {
    await a.sees(BACK);
    await a.stands('Chatting with User_B', { exact: true });
  });
  await check('and reads what waited, once and in order', () => a.reads('typed', own));
  await check('no line waits or is held any more', () => Promise.all([
    b.log.getByText(WAITS).waitFor({ state: 'detached' }), a.log.getByText(HELD).waitFor({ state: 'detached' }),
  ]));
  await check('the draft is still there', async () => {
    if (await b.message.inputValue() !== 'half a thought') throw new Error('the draft is gone');
  });
  return { a, b, close };
}

async function aReload({ a, b }) {
  await b.mask.click();
  await b.masking(false);
  await b.page.reload();
  await check('a reloaded page is back in its chat', async () => {
    await b.sees('You are back. What was said before the page was reloaded is not kept.');
    await b.stands('Chatting with User_A');
    await a.sees(BACK, 2);
  });
  await check('with the switch as it was', () => b.masking(false));
  await check('and without a line of it on disk', async () => {
    const kept = await b.page.evaluate(() => JSON.stringify([sessionStorage, localStorage]));
    if (kept !== '[{},{"strowger-met":"1"}]') throw new Error(kept);
  });
  await b.page.goto('about:blank');
  await a.sees(AWAY, 3);
  await a.type('while you looked elsewhere');
  await b.page.goBack();
  await check('who goes elsewhere and back reads what came meanwhile', async () => {
    await b.sees('while you looked elsewhere');
    await b.stands('Chatting with User_A');
    await a.sees(BACK, 3);
  });
  await b.type('and on we go');
  await check('and goes on', () => a.sees('and on we go'));
}

async function aSecondTab({ a, b }) {
  const [page] = await Promise.all([b.page.context().waitForEvent('page'), b.page.evaluate(() => { open(location.href); })]);
  const copy = new Tab(page, 'the copy');
  await check('a copy of the tab, storage and all, is somebody else', () => copy.stands('Idle'));
  await b.type('still me');
  await check('and leaves the first tab alone', async () => {
    await a.sees('still me');
    await a.sees(AWAY, 3);
  });
  await copy.page.close({ runBeforeUnload: true });
}

async function aClosedTab({ a, b, close }) {
  await b.page.close({ runBeforeUnload: true });
  await check('who closes the tab has left at once', async () => {
    await a.sees(PARTNER_LEFT);
    await a.sees(AWAY, 3);
  });
  await close();
}

async function aSilentNetwork(open, hub) {
  const { a, b, network, close } = await couple(open, hub, { clock: true });
  await b.type('heard');
  await a.sees('heard');
  await network.swallow();
  await b.type('into the void');
  await b.type('behind it');
  await b.sees('behind it');
  // More than the hub keeps.
  const lines = numbered('unheard', 105);
  for (const line of lines) await a.type(line);
  await a.log.locator('.delivered').nth(lines.length - 1).waitFor({ state: 'attached' });
  await b.page.clock.fastForward(10_000);
  await check('of the line that had no answer nobody claims to know anything', () => b.sees(NOT_KNOWN));
  await check('the one behind it waits', () => b.sees(WAITS));
  await network.mend();
  await b.page.clock.fastForward(1_000);
  await check('and goes out after the return', () => a.sees('behind it'));
  await check('what the hub could not keep is counted, the rest is there', async () => {
    await b.sees('5 lines for you were lost meanwhile.');
    await b.reads('unheard', lines.slice(5));
  });
  await b.sees(NOT_KNOWN);
  await b.press('Send again');
  await check('the other one goes out if the person wants it', async () => {
    await a.sees('into the void');
    await b.sees('into the void', 2);
  });
  await close();
}

async function anotherPlace(open, hub) {
  const tab = await open(hub, 'User_A');
  await tab.stands('Idle');
  // Whoever has the token can go on with the registration: here a socket that the page knows nothing of.
  const arrived = tab.page.waitForEvent('websocket').then((socket) => socket.waitForEvent('framereceived'));
  await tab.page.reload();
  const { resume_token: token } = JSON.parse((await arrived).payload);
  await tab.stands('Idle');
  await tab.page.evaluate((resume_token) => {
    const socket = new WebSocket(new URL('/ws', location.href.replace('http', 'ws')));
    socket.onopen = () => socket.send(JSON.stringify({ type: 'register', resume_token }));
  }, token);
  await check('who went on elsewhere is told, and does not fight for it', async () => {
    await tab.stands('Disconnected: you went on elsewhere. Reload the page to start anew.');
  });
  await tab.page.context().close();
}

async function tooLong(open, hub, folder) {
  const { a, b, network, close } = await couple(open, hub);
  const lines = numbered('quick', 6);
  for (const line of lines) await b.type(line);
  await check('who writes faster than the hub allows is slowed down, and loses nothing', () => a.reads('quick', lines));
  await b.log.locator('.delivered').nth(lines.length - 1).waitFor({ state: 'attached' });
  await network.cut();
  await a.sees(AWAY);
  await a.type('Are you there?');
  await a.sees(HELD);
  await b.type('I am not.');
  await b.sees(WAITS);
  await check('what was held for somebody who stayed away is shown as not delivered', async () => {
    await a.sees(PARTNER_LEFT);
    await a.sees('Not delivered: your partner is gone');
    await a.sees('Are you there?');
    await a.log.getByRole('button', { name: 'Send again' }).waitFor();
  });
  await a.page.screenshot({ path: join(folder, 'not-delivered.png') });
  await network.mend();
  await check('who comes back too late is told that the chat is gone', async () => {
    await b.sees('Your chat could not be kept. Use #meet to start again.');
    await b.stands('Idle');
  });
  await check('and that what waited was not sent', () => b.sees('Not sent: your partner is gone'));
  await b.page.screenshot({ path: join(folder, 'too-late.png') });
  await close();
}

run(async ([hub, hasty, folder]) => {
  if (!hasty) throw new Failure('usage: node coming_back.mjs http://127.0.0.1:PORT http://127.0.0.1:PORT [folder for screenshots]');
  await withBrowser(folder, async (browser, screenshots, complaints) => {
    const open = (url, nickname, options) => Tab.open(browser, url, nickname, complaints, options);
    const chat = await aLostNetwork(open, hub);
    await aReload(chat);
    await aSecondTab(chat);
    await aClosedTab(chat);
    await aSilentNetwork(open, hub);
    await anotherPlace(open, hub);
    await tooLong(open, hasty, screenshots);
  });
});
