// Two tabs of a real Chromium hold the whole conversation on the chat page.
//
//     npm ci --ignore-scripts
//     node two_tabs.mjs http://127.0.0.1:8002 [folder for screenshots]
//
// Prints one line per check and stops at the first failure with exit code 1. It waits for what a person would see, never for
// a time. CHROMIUM names another browser than Debian's.

import { join } from 'node:path';
import { Failure, PARTNER_LEFT, SEARCHING, Tab, assertNone, check, connectedTo, run, withBrowser } from './tab.mjs';

const SEARCHING_AGAIN = '🔍 Looking for a new chat partner... Please wait!';
const ENDED = '👋 Chat ended. Use #meet to connect with someone new!';
const NOBODY = 'No partner found. Use #meet to connect.';
const HOSTILE = '<img src=x onerror=alert(1)>';

async function looks(tab, folder, name) {
  for (const colorScheme of ['light', 'dark']) {
    await tab.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await tab.page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) });
  }
  const desktop = tab.page.viewportSize();
  await tab.page.emulateMedia({ colorScheme: 'light' });
  await tab.page.setViewportSize({ width: 360, height: 740 });
  await tab.page.screenshot({ path: join(folder, `${name}-phone.png`) });
  await tab.page.setViewportSize(desktop);
}

async function meeting(a, b, folder) {
  await check('both pages are registered', () => Promise.all([a.stands('Idle'), b.stands('Idle')]));
  await check('masking is on at first', () => a.masking(true));
  await looks(a, folder, 'idle');
  await a.takeNickname();
  await b.takeNickname();
  await check('a text without a partner is marked as failed', async () => {
    await a.type('Anybody there?');
    await a.sees(`Not delivered: ${NOBODY}`);
  });
  await a.press('Meet');
  await check('Meet by button searches', async () => {
    await a.sees(SEARCHING);
    await a.stands('Looking for someone');
  });
  await looks(a, folder, 'searching');
  await b.type('#meet');
  await check('#meet typed connects both', () => Promise.all([
    a.sees(connectedTo('User_B')), b.sees(connectedTo('User_A')),
    a.stands('Chatting with User_B'), b.stands('Chatting with User_A'),
  ]));
}

async function talk(a, b) {
  await a.type('Hello! How are you?');
  await check('the first text arrives', () => b.sees('Hello! How are you?'));
  await check('and is marked as delivered', () => a.sees('Delivered'));
  await b.message.pressSequentially("I'm good, ");
  await check('the partner sees the typing', () => a.stands('typing'));
  await b.send("I'm good, thanks! Where are you from?");
  await check('the answer arrives', () => a.sees("I'm good, thanks! Where are you from?"));
  await check('and the typing ends', () => a.stands('Chatting with User_B', { exact: true }));
  await a.type('#who');
  await check('#who names the partner', () => a.sees("👤 You're chatting with: User_B"));
}

async function masking(a, b) {
  await a.type('#hide');
  await check('#hide switches masking off', async () => {
    await a.sees('🔒 Phone number masking is now OFF.');
    await a.masking(false);
  });
  await a.type('My number is 9876543210');
  await check('then a number is shown as it is', () => b.sees('My number is 9876543210'));
  await a.mask.click();
  await check('the switch puts masking on', async () => {
    await a.sees('🔒 Phone number masking is now ON.');
    await a.masking(true);
  });
  await a.type('Call me at 9876543210');
  await check('then a number is hidden', () => b.sees('Call me at [hidden]'));
}

async function hostility(a, b) {
  await a.type(HOSTILE);
  await check('markup arrives as text', async () => {
    await b.sees(HOSTILE);
    assertNone(await b.log.locator('img').all(), 'an image grew out of a text');
  });
  await a.type('مرحبا، كيف حالك؟ 👋🏽');
  await check('right-to-left text and emoji arrive', () => b.sees('مرحبا، كيف حالك؟ 👋🏽'));
}

async function parting(a, b, openThird) {
  await a.press('Again');
  await check('Again searches anew', () => a.sees(SEARCHING_AGAIN));
  await check('and tells the one who was left', async () => {
    await b.sees(PARTNER_LEFT);
    await b.stands('Idle');
  });
  const c = await openThird();
  await c.takeNickname();
  await c.press('Meet');
  await check('a third person is the new partner', () => Promise.all([a.sees(connectedTo('User_C')), c.sees(connectedTo('User_A'))]));
  for (let line = 1; line <= 16; line += 1) await a.type(`line ${line}`);
  await c.sees('line 16');
  await a.press('Bye');
  await check('the end of a long chat is in view', () => Promise.all([a.showsTheEnd(), c.showsTheEnd()]));
  await check('Bye ends the chat', async () => {
    await a.sees(ENDED);
    await a.stands('Idle');
  });
  await check('and tells the partner', () => c.sees(PARTNER_LEFT));
  await check('nobody else heard of it', () => b.sees(PARTNER_LEFT));
}

async function conversation(browser, url, folder, complaints) {
  const open = (nickname) => Tab.open(browser, url, nickname, complaints);
  const [a, b] = await Promise.all([open('User_A'), open('User_B')]);
  await meeting(a, b, folder);
  await talk(a, b);
  await masking(a, b);
  await hostility(a, b);
  await looks(b, folder, 'chatting');
  await parting(a, b, () => open('User_C'));
}

run(async ([url, folder]) => {
  if (!url) throw new Failure('usage: node two_tabs.mjs http://127.0.0.1:PORT [folder for screenshots]');
  await withBrowser(folder, (browser, screenshots, complaints) => conversation(browser, url, screenshots, complaints));
});
