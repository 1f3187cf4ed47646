// The chat page in each of its states is for everybody: for those who don't see it, see little of it, or have no mouse.
//
//     node for_everybody.mjs http://127.0.0.1:8002 http://127.0.0.1:8004 [folder for screenshots]
//
// The second hub asks for a token (`auth.mode=token`).

import { join } from 'node:path';
import { assertAccessible, assertFitsEverywhere } from './accessible.mjs';
import { is } from './caller.mjs';
import { Network } from './network.mjs';
import { Failure, PARTNER_LEFT, SEARCHING, check, connectedTo, run, withBrowser, Tab } from './tab.mjs';

const WORD = 'Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen'.repeat(3);

/** What can be said of a page whatever its state, and a picture of it. */
const judge = (folder) => async (page, state) => {
  await check(`${state}: axe finds nothing, in light and in dark`, () => assertAccessible(page, state));
  await check(`${state}: fits a small phone, and 400 %, in both directions`, () => assertFitsEverywhere(page, state));
  const size = page.viewportSize();
  const [phone, zoomed] = [{ width: 360, height: 740 }, { width: 320, height: 256 }];
  const looks = [['light', size], ['dark', size], ['phone', phone], ['zoomed', zoomed], ['forced', size]];
  for (const [look, viewport] of looks) {
    await page.setViewportSize(viewport);
    const forcedColors = look === 'forced' ? 'active' : null;
    await page.emulateMedia({ colorScheme: look === 'dark' ? 'dark' : 'light', reducedMotion: 'reduce', forcedColors });
    await page.screenshot({ path: join(folder, `${state.replaceAll(' ', '-')}-${look}.png`) });
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null, forcedColors: null });
  await page.setViewportSize(size);
};

/** What has the focus, by its name. */
const focused = (page) => page.evaluate(() => {
  const { activeElement } = document;
  const label = activeElement.labels?.[0]?.firstChild.data.trim();
  return label || activeElement.ariaLabel || activeElement.innerText.split('\n')[0].trim() || activeElement.tagName;
});

async function tabThrough(page, count) {
  const names = [];
  for (let at = 0; at < count; at += 1) {
    await page.keyboard.press('Tab');
    names.push(await focused(page));
  }
  return names.join(', ');
}

async function beforeAChat({ page }, judgeIt) {
  await judgeIt(page, 'idle');
  await check('all is reached with the keyboard, in the order in which it is read', async () => {
    const order = ['Hide phone numbers', 'Shared line', 'For developers', 'Privacy', 'Conversation', 'Nickname', 'Tags',
      'More on privacy', 'Meet', 'Again', 'Bye', 'Who', 'More', 'Message', 'Send'];
    is(await tabThrough(page, order.length), order.join(', '), 'the order');
  });
  await check('what can be touched is at least 24 pixels high and wide', async () => {
    const small = await page.evaluate(() => [...document.querySelectorAll('button, input, textarea, nav a')].filter((element) => {
      const { width, height } = element.getBoundingClientRect();
      return element.checkVisibility() && (width < 24 || height < 24);
    }).map((element) => element.innerText || element.id));
    is(small.join(), '', 'too small');
  });
}

async function motion({ page }) {
  const animations = () => page.evaluate(() => document.getAnimations().length);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  is(await animations(), 0, 'animations');
  await page.emulateMedia({ reducedMotion: null });
  is(await animations() > 0, true, 'there are some for the others');
}

async function meeting(a, b, judgeIt) {
  await a.takeNickname();
  await b.takeNickname();
  await a.type('Anybody there?');
  await a.log.getByRole('button', { name: 'Send again' }).waitFor();
  await a.press('Meet');
  await a.sees(SEARCHING);
  await judgeIt(a.page, 'waiting');
  await check('who wants no motion sees none while somebody is looked for', () => motion(a));
  await b.press('Meet');
  await a.sees(connectedTo('User_B'));
  await a.type('Hello! How are you?');
  await b.sees('Hello! How are you?');
  await b.message.pressSequentially('مر');
  await a.stands('typing');
  await check('nor while the partner writes', () => motion(a));
  await b.type('مرحبا، كيف حالك؟');
  await a.sees('مرحبا، كيف حالك؟');
  await a.type(WORD);
  await b.type(WORD);
  await a.sees(WORD, 2);
  await judgeIt(a.page, 'paired');
}

async function directions({ page }) {
  const middles = () => page.evaluate(() => ['.own.delivered .text', '.theirs .text'].map((bubble) => {
    const box = document.querySelector(bubble).getBoundingClientRect();
    return box.left + box.right > innerWidth ? 'right' : 'left';
  }).join());
  // The corner that points at who says it, whatever the direction of the text.
  const corners = () => page.evaluate(() => ['.own.delivered .text', '.theirs .text'].map((bubble) => {
    const style = getComputedStyle(document.querySelector(bubble));
    return parseFloat(style.borderBottomRightRadius) < parseFloat(style.borderBottomLeftRadius) ? 'right' : 'left';
  }).join());
  await check('own lines are on the right, and on the left where lines begin on the right', async () => {
    is(await middles(), 'right,left', 'sides');
    is(await corners(), 'right,left', 'corners');
    await page.evaluate(() => { document.documentElement.dir = 'rtl'; });
    is(await middles(), 'left,right', 'sides');
    is(await corners(), 'left,right', 'corners');
    await page.evaluate(() => document.documentElement.removeAttribute('dir'));
  });
}

async function theMenu(a, b, judgeIt) {
  const { page } = a;
  const more = page.getByRole('button', { name: 'More', exact: true });
  await more.press('Enter');
  await judgeIt(page, 'menu open');
  await check('the menu comes next after its button', async () => {
    await more.focus();
    is(await tabThrough(page, 6), 'Notify me, Help, Unblock, Block, Report, Privacy', 'the order');
  });
  await check('Escape closes it, and the focus is on its button', async () => {
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Block', exact: true }).waitFor({ state: 'hidden' });
    is(await focused(page), 'More', 'the focus');
  });
  await more.press('Space');
  await page.getByRole('button', { name: 'Block', exact: true }).press('Enter');
  await page.getByRole('dialog', { name: 'Block User_B?' }).waitFor();
  await judgeIt(page, 'question');
  await check('the question begins on the harmless answer, and Escape is that, too', async () => {
    is(await focused(page), 'Cancel', 'the focus');
    await page.keyboard.press('Escape');
    is(await focused(page), 'Block', 'the focus');
    await a.stands('Chatting with User_B');
  });
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await check('with the keyboard alone somebody is blocked, and the focus is not lost', async () => {
    await b.sees(PARTNER_LEFT);
    await a.stands('Idle');
    is(await focused(page), 'More', 'the focus');
  });
}

async function aLostNetwork(b, network, judgeIt) {
  network.cut();
  const retry = b.page.getByRole('button', { name: 'Try now' });
  await retry.waitFor();
  await judgeIt(b.page, 'disconnected');
  await retry.focus();
  await network.mend();
  await b.stands('Idle');
  await check('the button to try now goes when we are in, and the focus is not lost', async () => {
    is(await focused(b.page), 'Meet', 'the focus');
  });
}

run(async ([hub, guarded, folder]) => {
  if (!guarded) throw new Failure('usage: node for_everybody.mjs http://127.0.0.1:PORT http://127.0.0.1:PORT [folder for screenshots]');
  const network = await Network.to(hub);
  await withBrowser(folder, async (browser, screenshots, complaints) => {
    const open = (url, nickname, options) => Tab.open(browser, url, nickname, complaints, options);
    const judgeIt = judge(screenshots);
    const [a, b] = await Promise.all([open(hub, 'User_A'), open(network.url, 'User_B', { breaks: true })]);
    await Promise.all([a.stands('Idle'), b.stands('Idle')]);
    await beforeAChat(a, judgeIt);
    await meeting(a, b, judgeIt);
    await directions(a);
    await theMenu(a, b, judgeIt);
    await aLostNetwork(b, network, judgeIt);
    const asked = await open(guarded, 'User_C', { isRefused: true });
    await asked.page.getByLabel('Token', { exact: true }).fill('wrong');
    await asked.page.keyboard.press('Enter');
    await asked.page.getByText('This token opens nothing here.').waitFor();
    await judgeIt(asked.page, 'token');
    const privacy = await open(`${hub}/privacy`, 'User_D');
    await judgeIt(privacy.page, 'privacy');
    const docs = await open(`${hub}/docs`, 'User_E');
    await docs.page.getByText('chat_message_failed').first().waitFor();
    await judgeIt(docs.page, 'docs');
  });
  network.close();
});
