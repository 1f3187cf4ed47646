// Somebody writes, and calls themselves, what would do harm on a careless page. On this one it is text.
//
//     node hostile.mjs http://127.0.0.1:8002 [folder for screenshots]

import { join } from 'node:path';
import { assertFitsEverywhere } from './accessible.mjs';
import { is } from './caller.mjs';
import { HOSTILE } from './hostile_strings.mjs';
import { Failure, Tab, assertNone, check, connectedTo, run, withBrowser } from './tab.mjs';

const CHARACTERS = 32;
// The page holds 50 lines that have no answer.
const AT_ONCE = 40;

// Scripts that ran would leave a mark, and what the policy stops is told to the page.
const watching = () => {
  window.violations = [];
  const note = ({ violatedDirective, blockedURI }) => window.violations.push(`${violatedDirective}: ${blockedURI}`);
  document.addEventListener('securitypolicyviolation', note);
};

const texts = (tab) => tab.log.locator('.text').allTextContents();
const quoted = (text) => JSON.stringify(text.slice(0, 60));

/** Nothing has become more than text. */
async function isUnharmed({ page }) {
  const found = await page.evaluate(() => [
    ...window.violations,
    ...('hacked' in window || 'hacked' in {} ? ['a script ran'] : []),
    ...[...document.querySelectorAll('.text *, .from *, .system :not(bdi), bdi *')].map((element) => element.outerHTML),
  ]);
  assertNone(found, 'it is more than text');
}

// As a person types and presses Enter, who is very quick.
const typeAll = (lines) => {
  const field = document.querySelector('#message');
  for (const line of lines) {
    field.value = line;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
  }
};

async function asTexts(writer, reader) {
  await writer.mask.click();
  await writer.masking(false);
  const before = [await texts(writer), await texts(reader)];
  for (let at = 0; at < HOSTILE.length; at += AT_ONCE) {
    await writer.page.evaluate(typeAll, HOSTILE.slice(at, at + AT_ONCE));
    await writer.log.locator('.pending').last().waitFor({ state: 'detached' });
  }
  await writer.type('the end');
  await check(`${HOSTILE.length} hostile texts are each shown once and as they are, to who wrote them and to who reads them`, async () => {
    await reader.sees('the end');
    for (const [at, tab] of [writer, reader].entries()) {
      const shown = (await texts(tab)).slice(before[at].length);
      is(shown.length, HOSTILE.length + 1, `texts that ${tab.nickname} sees`);
      assertNone(HOSTILE.filter((text, n) => text !== shown[n]).map(quoted), `${tab.nickname} sees something else`);
    }
  });
  await check('and do nothing', () => Promise.all([isUnharmed(writer), isUnharmed(reader)]));
  await check('and fit', async () => {
    await assertFitsEverywhere(reader.page, 'texts of the partner');
    await assertFitsEverywhere(writer.page, 'own texts');
  });
}

// A client of the same hub without a page around it, so that it can take any name.
const connect = () => new Promise((connected) => {
  const socket = new WebSocket(new URL('/ws', location.href.replace('http', 'ws')));
  const answers = new Map();
  window.ask = (frame) => new Promise((resolve) => {
    const id = `${answers.size}`;
    answers.set(id, resolve);
    socket.send(JSON.stringify({ ...frame, request_id: id }));
  });
  socket.onmessage = ({ data }) => {
    const frame = JSON.parse(data);
    answers.get(frame.request_id)?.(frame);
  };
  socket.onopen = connected;
});

// Takes one name after the other, and says a line under each. Returns what the hub made of them.
const introduceAll = async (nicknames) => {
  const taken = [];
  for (const nickname of nicknames) {
    const { type, nickname: made, code } = await window.ask({ type: 'register', nickname });
    taken.push(type === 'registration_confirmed' ? made : `refused: ${code}`);
    await window.ask({ type: 'chat_message', message: `I am number ${taken.length}` });
  }
  return taken;
};

// Notes what the state line says, each time that it says something else, and how wide the page is then.
const watchTheState = () => {
  window.states = [];
  const state = document.querySelector('#state');
  const note = () => window.states.push([state.textContent, document.scrollingElement.scrollWidth]);
  new MutationObserver(note).observe(state, { childList: true, subtree: true, characterData: true });
};

async function asNicknames(other, reader) {
  const ask = (frame) => other.evaluate((sent) => window.ask(sent), frame);
  await other.evaluate(connect);
  await ask({ type: 'register', nickname: 'Somebody', session: 'hostile nicknames' });
  await ask({ type: 'chat_message', message: '#meet' });
  await reader.press('Meet');
  await reader.sees(connectedTo('Somebody'));
  await reader.page.evaluate(watchTheState);
  const taken = await other.evaluate(introduceAll, HOSTILE);
  await reader.sees(`I am number ${HOSTILE.length}`);
  await check(`and so are ${HOSTILE.length} hostile nicknames, beside lines and in the state`, async () => {
    assertNone(taken.filter((name) => [...name].length > CHARACTERS || name.startsWith('refused')).map(quoted), 'names');
    const shown = (await reader.log.locator('.from').allTextContents()).slice(-HOSTILE.length);
    assertNone(taken.filter((name, at) => name !== shown[at]).map(quoted), 'shown as something else');
    const states = new Map(await reader.page.evaluate(() => window.states));
    assertNone(taken.filter((name) => !states.has(`Chatting with ${name}`)).map(quoted), 'the state says something else');
    const { width } = reader.page.viewportSize();
    assertNone([...states].filter(([, wide]) => wide > width).map(([name, wide]) => `${quoted(name)}: ${wide}`), 'too wide');
  });
  await check('and do nothing', () => isUnharmed(reader));
  await check('and fit', () => assertFitsEverywhere(reader.page, 'nicknames'));
  await other.evaluate(introduceAll, [`<img src=x onerror=alert(1)>`]);
  await reader.stands('Chatting with <img src=x');
  await reader.press('More');
  await reader.press('Block');
  await check('also in the question before a block', async () => {
    await reader.page.getByRole('dialog', { name: 'Block <img src=x onerror=alert(1)>?' }).waitFor();
    await isUnharmed(reader);
  });
  await reader.press('Cancel');
}

async function stillWorks(writer, reader) {
  await reader.send('still here?');
  await check('the page still works', async () => {
    await reader.press('Who');
    await reader.press('Bye');
    await reader.stands('Idle');
    await writer.stands('Idle');
  });
}

run(async ([hub, folder]) => {
  if (!hub) throw new Failure('usage: node hostile.mjs http://127.0.0.1:PORT [folder for screenshots]');
  await check('there are at least 150 hostile strings', () => is(HOSTILE.length >= 150, true, `${HOSTILE.length}`));
  await withBrowser(folder, async (browser, screenshots, complaints) => {
    const open = (nickname) => Tab.open(browser, hub, nickname, complaints, { before: watching });
    const [writer, reader] = await Promise.all([open('User_A'), open('User_B')]);
    await Promise.all([writer.stands('Idle'), reader.stands('Idle')]);
    await writer.page.setViewportSize({ width: 360, height: 740 });
    await reader.page.setViewportSize({ width: 360, height: 740 });
    await writer.press('Meet');
    await writer.stands('Looking for someone');
    await reader.press('Meet');
    await writer.stands('Chatting');
    await asTexts(writer, reader);
    await reader.page.screenshot({ path: join(screenshots, 'hostile-texts.png') });
    await reader.press('Bye');
    await writer.stands('Idle');
    const { page } = await Tab.open(browser, `${hub}/health`, 'User_C', complaints);
    await asNicknames(page, reader);
    await reader.page.screenshot({ path: join(screenshots, 'hostile-nicknames.png') });
    await stillWorks(writer, reader);
  });
});
