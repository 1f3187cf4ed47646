// Pages of a real Chromium at a hub that asks for JWTs (`auth.mode=jwt`), whose tokens end.
//
//     JWT_SECRET=… node with_jwt.mjs http://127.0.0.1:8005 [folder for screenshots]
//
// The hub checks tokens with the secret in JWT_SECRET, without leeway. Prints one line per check and stops at the first failure
// with exit code 1.

import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { Caller, is } from './caller.mjs';
import { Failure, SEARCHING, Tab, check, connectedTo, run, withBrowser } from './tab.mjs';

const SECRET = process.env.JWT_SECRET;
const OVER = 'Your token has expired: enter a new one.';
// Long enough to meet somebody in, and as long as is waited for its end.
const SHORT = 8;

const part = (object) => Buffer.from(JSON.stringify(object)).toString('base64url');

/** A token of somebody, which holds for so many seconds. */
function token(sub, seconds) {
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub, exp: Math.floor(Date.now() / 1000) + seconds })}`;
  return `${text}.${createHmac('sha256', SECRET).update(text).digest('base64url')}`;
}

async function overAtTheDoor(caller) {
  await caller.form.waitFor();
  await caller.enter(token('anna', -5));
  await check('a token whose time is over is said to be so', () => caller.hears(OVER));
}

async function meeting(a, b) {
  await a.tab.press('Meet');
  await a.tab.sees(SEARCHING);
  await b.tab.press('Meet');
  await Promise.all([a.tab.sees(connectedTo('User_B')), b.tab.sees(connectedTo('User_A'))]);
}

async function overInAChat(a, b, folder) {
  await a.tab.message.fill('half a thought');
  await check('whoever is in a chat by then is asked for a new one', async () => {
    await a.hears(OVER);
    await a.tab.sees('Your token has expired. A new one brings you back.');
    await b.tab.stands('Chatting with User_A · away, may come back');
    is(await a.field.evaluate((element) => element === document.activeElement), true, 'the focus is in the field');
    is(await a.field.inputValue(), '', 'the field');
  });
  await a.tab.page.screenshot({ path: join(folder, 'expired-token.png') });
  await b.tab.type('take your time');
  const tries = a.sockets.length;
  await a.enter(token('anna', 3600));
  await check('and goes on with it, in the same chat', async () => {
    await a.isIn('Chatting with User_B');
    await a.tab.sees('take your time');
    is(await a.tab.message.inputValue(), 'half a thought', 'what was being written');
    await a.tab.type('here I am');
    await b.tab.sees('here I am');
    is(a.sockets.length, tries + 1, 'sockets');
  });
}

run(async ([hub, folder]) => {
  if (!hub || !SECRET) throw new Failure('usage: JWT_SECRET=… node with_jwt.mjs http://127.0.0.1:PORT [folder]');
  await withBrowser(folder, async (browser, screenshots, complaints) => {
    const open = (url, nickname, options) => Tab.open(browser, url, nickname, complaints, options);
    const [a, b] = [await Caller.at(hub, open, 'User_A', { isRefused: true }), await Caller.at(hub, open, 'User_B')];
    await overAtTheDoor(a);
    await b.enter(token('bob', 3600));
    await b.isIn('Idle');
    await b.tab.takeNickname();
    await a.enter(token('anna', SHORT));
    await a.isIn('Idle');
    await a.tab.takeNickname();
    await meeting(a, b);
    await overInAChat(a, b, screenshots);
  });
});
