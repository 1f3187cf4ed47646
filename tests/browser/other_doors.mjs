// The page described doors (/docs), and a person at the chat page meets people who come by REST and by MCP.
//
//     AUTH_TOKEN=… node other_doors.mjs http://127.0.0.1:8002 [folder for screenshots]
//
// The hub's token is in AUTH_TOKEN. Prints one line per check and stops at the first failure with exit code 1.

import { join } from 'node:path';
import { Failure, PARTNER_LEFT, Tab, check, connectedTo, run, withBrowser } from './tab.mjs';

const LINES = Array.from({ length: 20 }, (_, at) => `line ${at + 1}`);

async function post(url, body, headers = {}) {
  const answer = await fetch(url, {
    method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** Somebody who has no socket: what they say, and what waited for them. */
const doors = (url) => ({
  Rest: (name) => (message) => post(`${url}/api/v1/chat/${name}/messages`, { message, nickname: name }),
  Mcp: (name) => async (message) => {
    const params = { message, puch_user_id: name, user_nickname: name };
    const headers = { Authorization: `Bearer ${process.env.AUTH_TOKEN}` };
    const { result } = await post(`${url}/mcp`, { method: 'handle_message', params }, headers);
    return result.structuredContent;
  },
});

async function conversation(page, nickname, says, name) {
  const texts = ({ messages }) => messages.filter(({ event }) => event === 'message').map(({ text }) => text);
  await page.press('Meet');
  await page.stands('Looking for someone');
  await check(`${name} meets whoever waits at the page`, async () => {
    const { state, partner } = await says('#meet');
    if (state !== 'paired' || partner !== nickname) throw new Error(`${state} with ${partner}`);
    await page.sees(connectedTo(name));
  });
  await check(`${LINES.length} lines of ${name} arrive in order`, async () => {
    for (const line of LINES) await says(`${name} ${line}`);
    await page.reads(name, LINES.map((line) => `${name} ${line}`));
  });
  await check(`and as many of the page are handed to ${name} at the next call`, async () => {
    const typed = LINES.map((line) => `to ${name}: ${line}`);
    for (const line of typed) await page.type(line);
    await page.log.getByText('Held until your partner reads it').last().waitFor();
    await page.stands(`Chatting with ${name}`, { exact: true });
    // The last one is on its way until the page shows that it was taken.
    const heard = [];
    for (let call = 0; call < 100 && heard.length < typed.length; call += 1) heard.push(...texts(await says('#who')));
    const expected = typed.map((line) => `📤 Message sent to your partner from ${nickname}: ${line}`);
    if (heard.join('\n') !== expected.join('\n')) throw new Error(heard.join('\n'));
  });
  await check('and whoever answers has read them', async () => {
    await says('all read');
    await page.log.getByText('all read').waitFor();
    const held = await page.log.getByText('Held until your partner reads it').count();
    if (held) throw new Error(`${held} lines are held`);
  });
  await check(`${name} says goodbye, and the page shows it`, async () => {
    await says('#bye');
    await page.sees(PARTNER_LEFT);
  });
}

async function described(browser, url, folder, complaints) {
  const { page } = await Tab.open(browser, `${url}/docs`, 'the reader', complaints);
  await page.locator('html[data-drawn=yes]').waitFor();
  const [rest, socket] = await Promise.all(['openapi', 'asyncapi'].map(async (name) => (await fetch(`${url}/${name}.json`)).json()));
  await check('every path of REST is described', async () => {
    for (const path of Object.keys(rest.paths)) await page.locator('#rest summary code', { hasText: path }).first().waitFor();
  });
  await check('and every frame', async () => {
    const found = await page.locator('#taken summary code, #sent summary code').allTextContents();
    const expected = Object.values(socket.components.messages).map(({ name }) => name);
    const missing = expected.filter((name) => !found.includes(name));
    if (missing.length) throw new Error(missing.join());
  });
  await check('a word leaves those that have it', async () => {
    await page.getByRole('searchbox').fill('whatsapp_incoming');
    await page.locator('#taken summary:visible code', { hasText: 'whatsapp_incoming' }).waitFor();
    if (await page.locator('#taken summary:visible code', { hasText: 'chat_typing' }).count()) throw new Error('chat_typing is shown');
  });
  await page.screenshot({ path: join(folder, 'docs.png') });
}

run(async ([url, folder]) => {
  if (!url || !process.env.AUTH_TOKEN) throw new Failure('usage: AUTH_TOKEN=… node other_doors.mjs http://127.0.0.1:PORT [folder]');
  await withBrowser(folder, async (browser, screenshots, complaints) => {
    await described(browser, url, screenshots, complaints);
    for (const [name, door] of Object.entries(doors(url))) {
      const page = await Tab.open(browser, url, `Page_${name}`, complaints);
      await page.stands('Idle');
      await page.takeNickname();
      await conversation(page, `Page_${name}`, door(name), name);
      await page.page.close();
    }
  });
});
