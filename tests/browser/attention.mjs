// What the chat page does for people who look elsewhere, meet somebody for the first time, are interrupted, or have had enough.
//
//     node attention.mjs http://127.0.0.1:8002 [folder for screenshots]

import { is } from './caller.mjs';
import { Network } from './network.mjs';
import { Failure, PARTNER_LEFT, SEARCHING, Tab, check, connectedTo, run, withBrowser } from './tab.mjs';

const BLOCKED = "🚫 Blocked. You won't meet again. Use #meet to find someone new.";
const REPORTED = "🚩 Reported. Thank you. You won't meet again.";
const NO_BLOCKS = 'Your block list is empty now.';
const HELP = 'Commands: #meet, #bye, #again, #hide, #who, #block, #report, #help';
const SECRET = 'a secret that nobody is to see';

// A browser whose answer to a question can be chosen, and which notes what it would show.
const withNotifications = () => {
  window.notifications = { asked: 0, answer: 'denied', shown: [] };
  window.Notification = class Notification {
    static permission = 'default';
    static async requestPermission() {
      window.notifications.asked += 1;
      return window.notifications.answer;
    }
    constructor(title, options) {
      window.notifications.shown.push(this);
      Object.assign(this, { title, options, isOpen: true });
    }
    close() {
      this.isOpen = false;
    }
  };
};
const withoutStorage = () => {
  const get = () => { throw new Error('there is no storage'); };
  Object.defineProperty(window, 'localStorage', { get });
};
// What a page left for the next one in its tab is gone as soon as that begins.
const readingTheMemo = () => { window.memo = sessionStorage.getItem('strowger'); };

const button = (tab, name) => tab.page.getByRole('button', { name, exact: true });
const titled = (tab, title) => tab.page.waitForFunction((expected) => document.title === expected, title, { timeout: 5000 })
  .catch(async () => is(await tab.page.title(), title, 'the title'));

async function couple(open, hub, options = {}, url = hub) {
  const [a, b] = await Promise.all([open(url, 'User_A', options), open(hub, 'User_B')]);
  await Promise.all([a.stands('Idle'), b.stands('Idle')]);
  await Promise.all([a.takeNickname(), b.takeNickname()]);
  await meet(a, b);
  return { a, b, close: () => Promise.all([a, b].map((tab) => tab.page.context().close())) };
}

async function meet(a, b, count = 1) {
  await a.press('Meet');
  await a.sees(SEARCHING, count);
  await b.press('Meet');
  await Promise.all([a.sees(connectedTo(b.nickname)), b.stands(`Chatting with ${a.nickname}`)]);
}

async function theFirstTime(open, hub) {
  const tab = await open(hub, 'User_A');
  const note = tab.page.getByText('Whoever you meet is a stranger');
  await check('who is here for the first time reads what it is about, with more behind a link', async () => {
    await note.waitFor();
    is(await note.getByRole('link').getAttribute('href'), 'privacy', 'the link');
  });
  await check('the links below the greeting lead on', async () => {
    const link = (name) => tab.page.getByRole('navigation').getByRole('link', { name, exact: true });
    for (const name of ['Shared line', 'For developers', 'Privacy']) await link(name).waitFor();
    await link('Privacy').click();
    await tab.page.getByRole('heading', { name: 'Privacy', level: 1 }).waitFor();
    await tab.page.getByRole('link', { name: 'To the chat' }).click();
    await tab.stands('Idle');
  });
  const kept = () => tab.page.evaluate(() => JSON.stringify(localStorage));
  is(await kept(), '{}', 'nothing is kept before');
  const other = await open(hub, 'User_B', { before: withoutStorage });
  await Promise.all([tab.takeNickname(), other.takeNickname()]);
  await check('one click each, and they talk', () => meet(tab, other));
  await check('the note has done its work, and that is all that is kept', async () => {
    await tab.press('Bye');
    await tab.stands('Idle');
    is(await note.isVisible(), false, 'the note is shown');
    is(await kept(), '{"strowger-met":"1"}', 'kept');
    await tab.page.reload();
    await tab.stands('Idle');
    is(await note.isVisible(), false, 'the note is shown');
  });
  await check('where a browser keeps nothing, the page works and the note comes again', async () => {
    await other.sees(PARTNER_LEFT);
    await other.page.reload();
    await other.page.getByText('Whoever you meet is a stranger').waitFor();
  });
  await Promise.all([tab, other].map(({ page }) => page.context().close()));
}

async function unread({ a, b }) {
  await b.type('seen at once');
  await a.sees('seen at once');
  is(await a.page.title(), 'Strowger', 'the title');
  await a.looksAway();
  for (const line of ['one', 'two', 'three']) await b.type(line);
  await check('what comes while nobody looks is counted in the title', () => titled(a, '(3) Strowger'));
  await a.looksAway(false);
  await check('until somebody looks', () => titled(a, 'Strowger'));
  await check('and the log says where it begins', async () => {
    const lines = await a.log.locator('.unread, .text').allTextContents();
    is(lines.slice(-5).join(), 'seen at once,New,one,two,three', 'the lines');
  });
  await a.type('I am back');
  await check('until there is an answer', () => a.log.locator('.unread').waitFor({ state: 'detached' }));
}

async function notifications({ a, b }) {
  const noted = () => a.page.evaluate(() => JSON.stringify(window.notifications));
  const shown = () => a.page.evaluate(() => window.notifications.shown.map(({ title, isOpen }) => `${title} ${isOpen ? 'open' : 'closed'}`).join());
  await a.press('More');
  const notify = a.page.getByRole('switch', { name: 'Notify me' });
  await check('nobody is asked about notifications before they press', async () => {
    await notify.and(a.page.getByRole('switch', { checked: false })).waitFor();
    is(JSON.parse(await noted()).asked, 0, 'asked');
  });
  await notify.click();
  await check('what a browser denies is said', async () => {
    await a.page.getByRole('alert').getByText('Your browser does not let this page notify you.').waitFor();
    await notify.and(a.page.getByRole('switch', { checked: false })).waitFor();
  });
  await a.page.evaluate(() => { window.notifications.answer = 'granted'; });
  await notify.click();
  await check('and what it allows', async () => {
    await notify.and(a.page.getByRole('switch', { checked: true })).waitFor();
    is(await a.page.getByRole('alert').filter({ hasText: 'browser' }).count(), 0, 'complaints');
  });
  await b.type('while you look');
  await a.sees('while you look');
  await a.looksAway();
  await b.type(SECRET);
  await a.sees(SECRET);
  await check('who looks elsewhere is told that something came, and not what, or from whom', async () => {
    is(await shown(), 'Your partner wrote open', 'notifications');
    is(/secret|User_B/.test(await noted()), false, 'it says too much');
  });
  await a.looksAway(false);
  await check('it goes when they look', async () => is(await shown(), 'Your partner wrote closed', 'notifications'));
  await a.press('Again');
  await b.sees(PARTNER_LEFT);
  await a.looksAway();
}

async function foundMeanwhile(open, hub, { a }) {
  const c = await open(hub, 'User_C', { before: () => { delete window.Notification; } });
  await c.stands('Idle');
  await c.takeNickname();
  await c.press('Meet');
  await a.sees(connectedTo('User_C'));
  await check('who is found meanwhile is told so, without a name', async () => {
    const { shown } = await a.page.evaluate(() => window.notifications);
    is(shown.at(-1).title, 'Connected', 'the notification');
    await titled(a, 'Connected · Strowger');
  });
  await a.looksAway(false);
  await titled(a, 'Strowger');
  await check('where a browser has no notifications, none are offered', async () => {
    await c.press('More');
    await button(c, 'Help').waitFor();
    is(await c.page.getByRole('switch', { name: 'Notify me' }).count(), 0, 'switches');
  });
  const d = await open(hub, 'User_D', { before: () => Object.defineProperty(window, 'isSecureContext', { value: false }) });
  await check('nor on a page that came over an open line', async () => {
    await d.press('More');
    await button(d, 'Help').waitFor();
    is(await d.page.getByRole('switch', { name: 'Notify me' }).count(), 0, 'switches');
  });
  await d.page.context().close();
  return c;
}

async function theDraft({ a, c }) {
  await a.message.fill(SECRET);
  await c.press('Bye');
  await a.sees(PARTNER_LEFT);
  await check('what was being written is still there when the partner leaves', async () => is(await a.message.inputValue(), SECRET, 'the draft'));
}

async function theDraftOfAnother(open, hub, { a }) {
  const b = await open(hub, 'User_B');
  await b.stands('Idle');
  await b.takeNickname();
  await meet(b, a);
  await b.type('are you there?');
  await a.sees('are you there?');
  await check('and when another one comes, who is sent none of it', async () => {
    is(await a.message.inputValue(), SECRET, 'the draft');
    await a.page.getByRole('button', { name: 'Who', exact: true }).click();
    await a.sees("👤 You're chatting with: User_B");
    is(await b.log.getByText(SECRET).count(), 0, 'lines');
  });
  await a.page.reload();
  await a.stands('Chatting with User_B');
  await check('it is never in a storage', async () => {
    const kept = await a.page.evaluate(() => JSON.stringify([window.memo, sessionStorage, localStorage]));
    is(kept.includes('resumeToken'), true, 'there is a memo');
    is(kept.includes('secret'), false, 'the draft is in it');
  });
}

async function comingBack(open, hub) {
  const network = await Network.to(hub);
  const { a, close } = await couple(open, hub, { breaks: true, clock: true }, network.url);
  network.cut();
  const retry = button(a, 'Try now');
  await check('a lost connection counts down, with a button beside it', async () => {
    await a.stands(/^Connection lost\. Trying again\sin \d+ s\.$/);
    await retry.waitFor();
  });
  // From here on no time passes for the page: what happens, the button does.
  await a.page.clock.pauseAt(await a.page.evaluate(() => Date.now() + 20));
  await retry.and(a.page.locator('[aria-disabled=false]')).waitFor();
  network.mend();
  await retry.click();
  await check('who presses it is back at once', async () => {
    await a.stands('Chatting with User_B');
    await retry.waitFor({ state: 'hidden' });
  });
  await close();
  network.close();
}

async function enough(open, hub) {
  const { a, b, close } = await couple(open, hub);
  await a.press('More');
  await a.press('Help');
  await check('Help says what can be typed', () => a.sees(HELP));
  await a.press('Block');
  const question = (name) => a.page.getByRole('dialog', { name });
  await question('Block User_B?').waitFor();
  await a.press('Cancel');
  await a.type('still here');
  await check('Block asks first, and who thinks better of it goes on talking', () => b.sees('still here'));
  await a.press('Report');
  await question('Report User_B?').waitFor();
  await b.press('Bye');
  await check('the question goes when the partner does', async () => {
    await a.sees(PARTNER_LEFT);
    await question('Report User_B?').waitFor({ state: 'hidden' });
  });
  await check('without a partner there is nobody to block or report', async () => {
    for (const name of ['Block', 'Report']) is(await button(a, name).getAttribute('aria-disabled'), 'true', name);
    await button(a, 'Block').click({ force: true });
    is(await a.page.getByRole('dialog').count(), 0, 'questions');
  });
  await a.press('Meet');
  const c = await open(hub, 'User_C');
  await c.stands('Idle');
  await c.takeNickname();
  await c.press('Meet');
  await a.stands('Chatting with User_C');
  await a.press('Block');
  await a.press('Block and leave');
  await check('a block ends the chat for both', async () => {
    await a.sees(BLOCKED);
    await c.sees(PARTNER_LEFT);
    await Promise.all([a.stands('Idle'), c.stands('Idle')]);
    is(await button(a, 'Help').isVisible(), false, 'the menu is open');
  });
  await a.press('More');
  await a.press('Unblock');
  await check('and can be lifted', () => a.sees(NO_BLOCKS));
  const d = await open(hub, 'User_D');
  await d.stands('Idle');
  await d.takeNickname();
  await meet(a, d, 3);
  await a.press('Report');
  await a.press('Report and leave');
  await check('a report ends the chat for both', async () => {
    await a.sees(REPORTED);
    await d.sees(PARTNER_LEFT);
  });
  await d.press('Meet');
  await c.press('Meet');
  await Promise.all([c.stands('Chatting with User_D'), d.stands('Chatting with User_C')]);
  await d.type('#report was rude');
  await check('also typed, with words', async () => {
    await d.sees(REPORTED);
    await c.stands('Idle');
    is(await c.log.getByText('rude').count(), 0, 'lines');
  });
  await Promise.all([c, d].map(({ page }) => page.context().close()));
  await close();
}

// A button has no line of its own that could say what became of it.
async function aButtonInDoubt(open, hub) {
  const network = await Network.to(hub);
  const { a, b, close } = await couple(open, hub, { breaks: true }, network.url);
  network.swallow();
  await a.press('More');
  await a.press('Block');
  await a.press('Block and leave');
  network.cut();
  await check('whoever blocks while the line breaks is told that nobody knows', () =>
    a.sees('Not known whether #block was done: the connection was lost.'));
  network.mend();
  await a.stands('Chatting with User_B');
  await check('and is still in the chat, if it was not', async () => {
    await b.type('hello again');
    await a.sees('hello again');
  });
  await close();
  network.close();
}

// Its end may have been lost, and then it ends by itself: the dots, and the word in the state line.
async function theHintOfTyping(open, hub) {
  const a = await open(hub, 'User_A', { clock: true });
  const other = (await open(`${hub}/pages/shared/icon.svg`, 'User_B')).page;
  await a.stands('Idle');
  await a.press('Meet');
  await a.stands('Looking for someone');
  await other.evaluate(() => new Promise((resolve) => {
    const socket = new WebSocket(new URL('/ws', location.href));
    const send = (frame) => socket.send(JSON.stringify(frame));
    socket.onopen = () => {
      send({ type: 'register', nickname: 'User_B', session: 'User_B' });
      send({ type: 'chat_message', message: '#meet' });
      send({ type: 'chat_message', message: 'one moment' });
      send({ type: 'chat_typing', active: true });
      resolve();
    };
    window.socket = socket;
  }));
  await check('whoever types is seen to', () => a.stands('Chatting with User_B · typing…'));
  await a.page.clock.fastForward(6100);
  await check('for a while, if they stop without a word', async () => {
    await a.stands('Chatting with User_B', { exact: true });
    await a.page.locator('#typing').waitFor({ state: 'hidden' });
  });
  await Promise.all([a.page, other].map((page) => page.context().close()));
}

// What is pressed twice may have become something else in between.
async function haste(open, hub) {
  const [a, b] = [await open(hub, 'User_E'), await open(hub, 'User_F')];
  await Promise.all([a.takeNickname(), b.takeNickname()]);
  await a.press('Meet');
  await a.stands('Looking for someone');
  const meetAt = () => b.page.getByRole('button', { name: 'Meet', exact: true }).boundingBox();
  const before = await meetAt();
  const { x, width, y, height } = before;
  await b.page.mouse.click(x + width - 3, y + height / 2, { clickCount: 2, delay: 20 });
  await check('whoever presses Meet twice has met once, and leaves nobody', async () => {
    await Promise.all([a.sees(connectedTo('User_F')), b.sees(connectedTo('User_E'))]);
    await b.type('still here?');
    await a.sees('still here?');
    is(await b.log.getByText('already in a chat').count(), 0, 'scoldings');
    is(await a.log.getByText(PARTNER_LEFT).count(), 0, 'partners that left');
  });
  const { x: left, width: wide } = await meetAt();
  is([left, wide].join(), [x, width].join(), 'where Meet stands');
  await Promise.all([a, b].map(({ page }) => page.context().close()));
}

run(async ([hub, folder]) => {
  if (!hub) throw new Failure('usage: node attention.mjs http://127.0.0.1:PORT [folder for screenshots]');
  await withBrowser(folder, async (browser, screenshots, complaints) => {
    const open = (url, nickname, options) => Tab.open(browser, url, nickname, complaints, options);
    await theFirstTime(open, hub);
    const chat = await couple(open, hub, { before: `(${withNotifications})(); (${readingTheMemo})();` });
    await unread(chat);
    await notifications(chat);
    const c = await foundMeanwhile(open, hub, chat);
    await theDraft({ ...chat, c });
    await theDraftOfAnother(open, hub, chat);
    await comingBack(open, hub);
    await enough(open, hub);
    await haste(open, hub);
    await aButtonInDoubt(open, hub);
    await theHintOfTyping(open, hub);
  });
});
