// Tabs of a real Chromium share a WhatsApp line that a bridge carries, and networks break in the middle of it.
//
//     node session_bridge.mjs http://127.0.0.1:8002 http://127.0.0.1:8003
//
// The second hub keeps a place for two seconds only (`chat.grace=2s`). Prints one line per check and stops at the first failure
// with exit code 1.

import { HOSTILE } from './hostile_strings.mjs';
import { Network } from './network.mjs';
import { Bridge, Meddler, is, stories } from './line.mjs';
import { Failure, assertNone, check, run, withBrowser } from './tab.mjs';

// What could break out of a page, steer it, or hide in it, and is short enough for a name.
const MARKUP = ['<img src=x onerror=alert(1)>', '<script>alert(1)</script>', '"><svg onload=alert(1)>', '<a href="javascript:alert(1)">x</a>',
  '<style>*{display:none}</style>', '<iframe src=http://127.0.0.1:1/></iframe>', '<base href=http://127.0.0.1:1/>', '&lt;b&gt;', '</p></main>',
  '<meta http-equiv=refresh content="0;url=http://127.0.0.1:1/">', '${alert(1)}', '{{alert(1)}}', "');alert(1);//", '<!--', ']]>',
  '<link rel=stylesheet href=http://127.0.0.1:1/x.css>', '<form action=http://127.0.0.1:1/><button>x', '<math><mi xlink:href="data:x,y">',
  'javascript:alert(1)', 'data:text/html,<script>alert(1)</script>', '\\u003cscript\\u003e', '%3Cscript%3E', '__proto__', 'constructor', 'toString'];
const LETTERS = ['مرحبا بالعالم', 'שלום עולם', 'a \u202eevil\u202c b', '\u2066isolated\u2069', 'e\u0301\u0301\u0301\u0301\u0301', '👩‍👩‍👧‍👦', 'a\u200bb', '𝕳𝖊𝖑𝖑𝖔',
  'x'.repeat(250), 'ا'.repeat(120), 'İstanbul', 'ﷺ', 'ＨＥＬＬＯ', '1', '#meet', '/status', 'name:john', '…', '“quoted”', 'tab\there', 'null', 'undefined',
  'true', 'NaN', '[object Object]'];
const NAMES = Array.from({ length: 150 }, (_, at) => {
  const seed = [...MARKUP, ...LETTERS][at % (MARKUP.length + LETTERS.length)];
  const round = Math.floor(at / (MARKUP.length + LETTERS.length));
  return round === 0 ? seed : `${seed} ${round}`;
});

async function bridged(browser, hub, enter, session) {
  const bridge = await Bridge.to(browser, hub, session);
  const [a, b] = [await enter('Ann'), await enter('Bea')];
  await a.tab.stands('WhatsApp is connected');
  await check('with a bridge nothing is said to be simulated', async () => is(await a.banner.isVisible(), false, 'the banner'));
  await bridge.tell({ type: 'whatsapp_incoming', contact: 'Jane', message: 'Hi there' });
  await check('what a contact writes is shown to all, as not read yet', async () => {
    for (const line of [a, b]) {
      await line.happens('Jane: Hi there');
      await line.contact('Jane').getByText('unread').waitFor({ state: 'attached' });
    }
  });
  await a.open('Jane');
  await check('until it is looked at', async () => {
    await a.reads('Hi there', 'Jane · ');
    await a.contact('Jane').getByText('unread').waitFor({ state: 'detached' });
  });
  await check('who adds a contact while another gives a list that lacks it has it all the same', async () => {
    await a.add('Karl');
    await bridge.tell({ type: 'contact_list_update', contacts: ['Lena'] });
    for (const line of [a, b]) for (const name of ['Karl', 'Lena', 'Jane']) await line.knows(name);
  });
  await a.tab.send('Hello Jane');
  const [action] = await bridge.given(1);
  await check('a message is sent when the bridge says so, and not before', async () => {
    await a.reads('Hello Jane', 'Sending…');
    await bridge.report(action, { success: true, state: 'accepted' });
    await a.reads('Hello Jane', 'Handed to WhatsApp');
  });
  await b.open('Jane');
  for (const [state, words] of [['sent', 'Sent'], ['delivered', 'Delivered'], ['read', 'Read']]) {
    await check(`and then it is ${state}, for all`, async () => {
      await bridge.report(action, { success: true, state });
      for (const line of [a, b]) await line.reads('Hello Jane', ` · ${words}`);
    });
  }
  await a.tab.send('Are you there?');
  await check('what the bridge refuses was not sent, and can be sent again', async () => {
    await bridge.report((await bridge.given(2))[1], { success: false, code: 'not_found', text: 'No such number.' });
    await a.reads('Are you there?', 'Not sent: No such number.');
    await a.page.getByRole('button', { name: 'Send again' }).click();
    await bridge.report((await bridge.given(3))[2], { success: true, state: 'sent' });
    await a.reads('Are you there?', ' · Sent');
  });
  await check('what fails after it was accepted is said to have failed', async () => {
    await a.tab.send('Too good to be true');
    const late = (await bridge.given(4))[3];
    await bridge.report(late, { success: true, state: 'accepted' });
    await a.reads('Too good to be true', 'Handed to WhatsApp');
    await bridge.report(late, { success: false, code: 'not_found', text: 'Blocked.' });
    for (const line of [a, b]) await line.reads('Too good to be true', 'Not sent: Blocked.');
  });
  await check('what the bridge did not answer when it left may have been sent, and is said so', async () => {
    await a.tab.send('Into the dark');
    await bridge.given(5);
    await bridge.leave();
    await a.reads('Into the dark', 'may have been sent or not');
    await a.page.getByText('Nothing is sent, and nothing waits until it can.').first().waitFor();
  });
  await check('and what comes behind it was not', async () => {
    await a.tab.send('Nobody is there');
    await a.reads('Nobody is there', 'Not sent: WhatsApp can\'t be reached. Nothing was sent.');
  });
}

async function hostile(browser, hub, enter, session) {
  const bridge = await Bridge.to(browser, hub, session);
  const a = await enter('Ann');
  await check('150 hostile names of contacts are text', async () => {
    await bridge.tell({ type: 'contact_list_update', contacts: NAMES });
    await a.page.getByRole('button', { name: 'Show more' }).click();
    await a.contacts.getByRole('button').nth(149).waitFor();
    const names = await a.contacts.locator('.name').allTextContents();
    assertNone(NAMES.filter((name) => !names.includes(name.trim())), 'names that are not shown as they are');
  });
  await check(`and so are ${HOSTILE.length} messages`, async () => {
    for (const message of HOSTILE) await bridge.tell({ type: 'whatsapp_incoming', contact: 'Mallory', message });
    await bridge.tell({ type: 'whatsapp_incoming', contact: 'Mallory', message: 'the last one' });
    await a.knows('Mallory');
    await a.contact('Mallory').getByText('the last one').waitFor();
    await a.open('Mallory');
    await a.log.getByText('the last one').waitFor();
    const texts = await a.log.locator('.text').allTextContents();
    assertNone(HOSTILE.filter((text) => !texts.includes(text)), 'messages that are not shown as they are');
  });
  await check('of which the older come on demand, until all are there', async () => {
    await a.page.reload();
    await a.tab.stands('Connected');
    await a.open('Mallory');
    await a.log.getByText('the last one').waitFor();
    const older = a.page.getByRole('button', { name: 'Show older' });
    const lines = a.log.locator('.line');
    for (let before = await lines.count(); before < HOSTILE.length + 1; before = await lines.count()) {
      await older.click();
      await lines.nth(before).waitFor();
    }
    await older.waitFor({ state: 'hidden' });
    is(await lines.count(), HOSTILE.length + 1, 'messages');
    is(await lines.first().locator('.text').textContent(), HOSTILE[0], 'the first');
  });
  await check('and each name opens its own conversation', async () => {
    await a.open('__proto__');
    await a.page.getByText('Nothing was said yet.').waitFor();
  });
  await check('and nothing grew out of any', async () => {
    const grown = await a.page.locator('main :is(script, iframe, style, base, a:not(nav > a), svg, math, form form)').count();
    is(grown, 0, 'elements');
    is(await a.page.locator('img').count(), 2, 'pictures');
  });
}

async function broken(browser, hub, enter, session) {
  const bridge = await Bridge.to(browser, hub, session);
  const network = await Network.to(hub);
  const a = await enter('Ann', network.url, { breaks: true });
  await a.add('Jane');
  await a.open('Jane');
  await a.tab.send('Just once');
  const [action] = await bridge.given(1);
  await network.cut();
  await check('who lost the network is told when the next attempt is', () => a.tab.stands(/^Connection lost\. Trying again\sin \d+ s\.$/));
  await a.tab.send('Typed without a network');
  await check('what has no answer waits, and is not shown as sent', async () => {
    await a.reads('Just once', 'Waits for the connection');
    await a.reads('Typed without a network', 'Waits for the connection');
  });
  await a.tab.message.fill('half a thought');
  await bridge.report(action, { success: true, state: 'sent' });
  await bridge.tell({ type: 'whatsapp_incoming', contact: 'Jane', message: 'Are you there?' });
  await network.mend();
  await check('back again, the message that was sent meanwhile is there once, and went out once', async () => {
    await a.reads('Just once', ' · Sent');
    const given = await bridge.given(2);
    is(given.map(({ action: { message } }) => message).join('|'), 'Just once|Typed without a network', 'what the bridge was given');
    await bridge.report(given[1], { success: true, state: 'sent' });
    await a.reads('Typed without a network', ' · Sent');
  });
  await check('and what was missed is there, and the draft', async () => {
    await a.reads('Are you there?', 'Jane · ');
    is(await a.tab.message.inputValue(), 'half a thought', 'the field');
  });
  network.close();
}

/** The second hub keeps a place for two seconds only. */
async function tooLate(browser, hub, enter, session) {
  const bridge = await Bridge.to(browser, hub, session);
  const network = await Network.to(hub);
  const [a, b] = [await enter('Ann', network.url, { breaks: true }), await enter('Bea')];
  await a.add('Jane');
  await a.open('Jane');
  await a.tab.send('Into the dark');
  await bridge.given(1);
  await network.cut();
  await b.happens('Ann left.');
  await network.mend();
  await check('who comes back too late is not told that it was sent, and it is not sent again', async () => {
    await a.reads('Into the dark', 'not known whether it arrived');
    is((await bridge.given(1)).length, 1, 'what the bridge was given');
  });
  await check('unless the person wants it', async () => {
    await a.page.getByRole('button', { name: 'Send again' }).click();
    await bridge.report((await bridge.given(1))[0], { success: true, state: 'sent' });
    await bridge.given(2);
    await bridge.report((await bridge.given(2))[1], { success: true, state: 'sent' });
    await a.reads('Into the dark', ' · Sent', 2);
  });
  network.close();
}

/** Someone else's list takes a contact away, and one who is called nearly so stays. */
async function gone(browser, hub, enter, session) {
  const bridge = await Bridge.to(browser, hub, session);
  await bridge.tell({ type: 'contact_list_update', contacts: ['Jonh', 'John'] });
  const a = await enter('Ann');
  await a.open('Jonh');
  await a.tab.message.fill('for Jonh alone');
  await bridge.tell({ type: 'contact_list_update', contacts: ['John'] });
  await check('who is no contact any more is written to by nobody, and no other in their place', async () => {
    await a.tab.stands('Jonh is no contact here.');
    await a.tab.press('Send');
    await a.page.keyboard.press('Enter');
    await a.contact('Jonh').waitFor();
    await a.page.getByText('Jonh is no contact here.').waitFor({ state: 'detached' });
    is(await a.tab.message.inputValue(), 'for Jonh alone', 'the field');
  });
  await check('until they are one again', async () => {
    await a.tab.press('Send');
    const given = await bridge.given(1);
    is(given.map(({ action: { contact, message } }) => `${contact}: ${message}`).join('|'), 'Jonh: for Jonh alone', 'what the bridge was given');
    await bridge.report(given[0], { success: true, state: 'sent' });
    await a.reads('for Jonh alone', ' · Sent');
  });
  await check('on a phone, what comes while the conversation is out of sight is not read yet', async () => {
    await a.page.setViewportSize({ width: 360, height: 740 });
    await a.tab.press('Contacts');
    await bridge.tell({ type: 'whatsapp_incoming', contact: 'Jonh', message: 'Got it' });
    await a.contact('Jonh').getByText('unread').waitFor({ state: 'attached' });
    await a.tab.press('Conversation');
    await a.contact('Jonh').getByText('unread').waitFor({ state: 'detached' });
  });
  await a.page.setViewportSize({ width: 1280, height: 800 });
  await check('of a long conversation the page keeps the newest', async () => {
    await bridge.page.evaluate(() => {
      for (let at = 1; at <= 320; at += 1) window.tell({ type: 'whatsapp_incoming', contact: 'Jonh', message: `word ${at}` });
    });
    await a.reads('word 320', 'Jonh · ');
    is(await a.log.locator('.line').count(), 300, 'messages');
  });
  await check('and has the others on demand', async () => {
    await a.page.getByRole('button', { name: 'Show older' }).click();
    await a.log.getByText('for Jonh alone').waitFor();
    is(await a.log.locator('.text').allTextContents().then((texts) => texts.slice(1).join('|')),
      ['Got it', ...Array.from({ length: 320 }, (_, at) => `word ${at + 1}`)].join('|'), 'the messages');
  });
}

/** What a hub says only in a bad moment is put into its mouth. */
async function meddled(browser, hub, enter) {
  const a = await enter('Ann', hub, { breaks: true });
  for (const name of ['Jane', 'Mike']) await a.add(name);
  const line = await Meddler.on(a.page);
  await a.page.reload();
  await a.tab.stands('Connected');
  await a.open('Jane');
  await check('what went to another all the same is said so where it was written', async () => {
    line.alter = (frame) => {
      for (const said of [frame, frame.content ?? {}]) if (said.contact === 'Jane') said.contact = 'Mike';
      return frame;
    };
    await a.tab.send('for Jane');
    await a.reads('for Jane', 'This went to Mike, not to Jane.');
    await a.contact('Mike').getByText('for Jane').waitFor();
  });
  const contacts = (change) => (frame) => (frame.response_type === 'contacts' ? change(frame) : frame);
  const fails = (frame) => ({ ...frame, content: { success: false, code: 'internal_error', text: 'Not just now.' } });
  line.alter = contacts(fails);
  await a.page.reload();
  await a.tab.stands('Connected');
  await check('who is added to a list that is not known takes nobody out of it', async () => {
    await a.page.getByText('Add a contact').click();
    await a.page.getByRole('textbox', { name: 'Name', exact: true }).fill('Karl');
    await a.tab.press('Add');
    await a.page.getByText('Not just now.').waitFor();
  });
  let first;
  line.alter = contacts((frame) => {
    const { request_id: id } = frame;
    if (first) return id === first ? frame : fails(frame);
    first = id;
    return { type: 'error', request_id: id, code: 'overloaded', error: 'Too much.', retry_after_ms: 10 };
  });
  await a.page.reload();
  await check('a question that there was no room for is put again', async () => {
    for (const name of ['Jane', 'Mike']) await a.knows(name);
  });
  await check('out of the cache of the browser it comes back to where it was, also without a memo', async () => {
    await a.page.evaluate(() => {
      dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
      sessionStorage.clear();
      dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    });
    await a.tab.stands('Connected ·');
    await a.people.getByText('Ann (you)').waitFor();
  });
  await a.open('Jane');
  await check('an Enter that ends a choice of characters sends nothing', async () => {
    await a.tab.message.fill('to be chosen');
    await a.tab.message.evaluate((field) => {
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', keyCode: 229, bubbles: true, cancelable: true }));
    });
    is(await a.tab.message.inputValue(), 'to be chosen', 'the field');
  });
  await line.hangUp(4503);
  await check('once it is over, nothing waits for a connection that will not come', async () => {
    await a.tab.stands('Disconnected. Reload the page');
    await a.page.getByRole('button', { name: 'Send', exact: true, disabled: true }).waitFor();
    await a.tab.type('too late');
    is(await a.tab.message.inputValue(), 'too late', 'the field');
    await a.say('list contacts');
    await a.happens('The connection is closed.');
  });
}

run(async ([hub, hasty, folder]) => {
  if (!hasty) throw new Failure('usage: node session_bridge.mjs http://127.0.0.1:PORT http://127.0.0.1:PORT [folder for screenshots]');
  await withBrowser(folder, async (browser, _, complaints) => {
    const tell = stories(browser, complaints);
    for (const story of [bridged, hostile, broken, gone, meddled]) await tell(hub, (enter, session) => story(browser, hub, enter, session));
    await tell(hasty, (enter, session) => tooLate(browser, hasty, enter, session));
  });
});
