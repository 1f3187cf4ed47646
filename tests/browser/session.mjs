// Tabs of a real Chromium share a WhatsApp line on the session page: with the simulator, with an AI, and with a token.
//
//     AUTH_TOKEN=… node session.mjs http://127.0.0.1:8002 http://127.0.0.1:8003 MODEL_PORT http://127.0.0.1:8004 [folder for screenshots]
//
// The second hub asks a model at `http://127.0.0.1:MODEL_PORT/v1/` (`openai.url`, `openai.model`), which this program is. The
// third asks for the token in AUTH_TOKEN. Prints one line per check and stops at the first failure with exit code 1.

import { join } from 'node:path';
import { assertAccessible, assertFitsEverywhere } from './accessible.mjs';
import { Model, is, stories } from './line.mjs';
import { Failure, check, run, withBrowser } from './tab.mjs';

const NOBODY_GOT_IT = 'Simulated: nobody got it';

async function looks(line, folder, name) {
  for (const colorScheme of ['light', 'dark']) {
    await line.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await line.page.screenshot({ path: join(folder, `session-${name}-${colorScheme}.png`) });
  }
  await check(`axe-core finds nothing: ${name}`, () => assertAccessible(line.page, name));
  await line.page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  for (const view of ['Contacts', 'Conversation', 'Session']) {
    await line.page.setViewportSize({ width: 360, height: 740 });
    await line.page.getByRole('navigation').getByRole('button', { name: view }).click();
    await line.page.screenshot({ path: join(folder, `session-${name}-${view.toLowerCase()}-phone.png`) });
    await check(`axe-core finds nothing on a phone: ${name}, ${view}`, () => assertAccessible(line.page, view));
    await check(`nothing is wider than a small screen: ${name}, ${view}`, () => assertFitsEverywhere(line.page, view));
  }
  await line.page.setViewportSize({ width: 1280, height: 800 });
}

async function simulated(enter, folder) {
  const [a, b] = [await enter('Ann'), await enter('Bea')];
  await check('each is told who else is here', () => Promise.all([
    a.people.getByText('Ann (you)').waitFor(), a.people.getByText('Bea', { exact: true }).waitFor(),
    b.people.getByText('Ann', { exact: true }).waitFor(), b.people.getByText('Bea (you)').waitFor(),
    a.happens('Bea joined.'),
  ]));
  await check('an empty list says what to do', () => a.page.getByText('No contacts yet. Add one below').waitFor());
  await a.add('John');
  for (const name of ['Sarah Jones', 'Sarah Miller']) await a.add(name, name.endsWith('Jones') ? '+44 20 7946 0958' : '');
  await check('contacts that one gives are seen by the other', async () => {
    for (const name of ['John', 'Sarah Jones', 'Sarah Miller']) await b.knows(name);
  });
  await check('two who add somebody at the same time both keep theirs', async () => {
    await Promise.all([a.add('Mike'), b.add('Zoë')]);
    for (const line of [a, b]) for (const name of ['Mike', 'Zoë', 'John']) await line.knows(name);
  });
  await a.open('John');
  await a.tab.send('Hello John');
  await check('what one sends is plainly simulated', async () => {
    await a.reads('Hello John', `You · `);
    await a.reads('Hello John', NOBODY_GOT_IT);
    await a.banner.waitFor();
  });
  await check('and the other sees it, in the activity and in the conversation', async () => {
    await b.happens('To John: Hello John (simulated)');
    await b.open('John');
    await b.reads('Hello John', NOBODY_GOT_IT);
  });
  await check('and a third who comes later sees it, too', async () => {
    const c = await enter('Cem');
    await c.open('John');
    await c.reads('Hello John', NOBODY_GOT_IT);
    await c.tab.press('Leave');
    await c.tab.stands('Not connected');
    await a.happens('Cem left.');
  });
  await sentences(a, b);
  await aNameThatIsAnId(a);
  await searching(a, b);
  await check('auto-reply is one switch for all', async () => {
    await a.page.getByRole('switch', { name: 'Auto-reply' }).click();
    await a.page.getByRole('dialog', { name: 'Let the line answer by itself?' }).getByRole('button', { name: 'Turn on' }).click();
    await b.page.getByRole('switch', { name: 'Auto-reply', checked: true }).waitFor();
    await b.page.getByRole('switch', { name: 'Auto-reply' }).click();
    await a.page.getByRole('switch', { name: 'Auto-reply', checked: false }).waitFor();
  });
  await looks(a, folder, 'simulated');
  await check('it takes no mouse to write to somebody', async () => {
    await b.search.focus();
    await b.search.fill('zo');
    await b.contact('John').waitFor({ state: 'detached' });
    await b.page.keyboard.press('Tab');
    await b.page.keyboard.press('Enter');
    await b.page.getByRole('heading', { name: 'Zoë' }).waitFor();
    await b.page.keyboard.type('by hand');
    await b.page.keyboard.press('Enter');
    await b.reads('by hand', NOBODY_GOT_IT);
  });
  await check('right to left, nothing sticks out', async () => {
    await a.page.evaluate(() => { document.documentElement.dir = 'rtl'; });
    await a.page.screenshot({ path: join(folder, 'session-rtl.png') });
    is(await a.page.evaluate(() => document.documentElement.scrollWidth), 1280, 'the width');
    await a.page.evaluate(() => { document.documentElement.dir = 'ltr'; });
  });
  await check('a draft stays with its contact', async () => {
    await a.open('John');
    await a.tab.message.fill('half a thought');
    await a.open('Mike');
    is(await a.tab.message.inputValue(), '', 'the field');
    await a.open('John');
    is(await a.tab.message.inputValue(), 'half a thought', 'the field');
  });
  await check('a reload comes back to the same session', async () => {
    await a.page.reload();
    await a.tab.stands('Connected');
    await a.open('John');
    await a.reads('Hello John', NOBODY_GOT_IT);
    is(new URL(a.page.url()).search, '', 'the address');
  });
}

async function sentences(a, b) {
  await a.say('send john a message saying see you at eight');
  await check('a plain sentence is done, and told', async () => {
    await a.happens('Simulated, nobody got it. To John: see you at eight');
    await b.reads('see you at eight', NOBODY_GOT_IT);
  });
  await a.say('tell sarah that dinner is ready');
  await check('who could be two is asked for', () => a.happens('Who is meant: Sarah Jones, Sarah Miller?'));
  await a.activity.getByRole('button', { name: 'Sarah Miller' }).click();
  await check('and the one who is chosen gets it', async () => {
    await a.happens('Simulated, nobody got it. To Sarah Miller: dinner is ready');
    await b.open('Sarah Miller');
    await b.reads('dinner is ready', NOBODY_GOT_IT);
  });
  await check('and nobody else does', async () => {
    await b.open('Sarah Jones');
    await b.page.getByText('Nothing was said yet.').waitFor();
  });
  for (const name of ['Kim "K"', 'Kim Miller']) await a.add(name);
  await a.say('tell kim that it rains');
  await a.activity.getByRole('button', { name: 'Kim "K"' }).click();
  await check('also one with quotes in the name', () => a.happens('Simulated, nobody got it. To Kim "K": it rains'));
  await a.say('what is the weather');
  await check('what means nothing is said to mean nothing', () => a.happens('Could not understand'));
}

async function aNameThatIsAnId(a) {
  await a.add('name:mike');
  await a.open('Mike');
  await a.tab.send('Which Mike?');
  await check('a message that could be for two waits until one is chosen', async () => {
    await a.reads('Which Mike?', 'Not sent: Who is meant');
    await a.log.getByRole('button').first().click();
    await a.reads('Which Mike?', NOBODY_GOT_IT);
    is(await a.log.getByRole('button').count(), 0, 'choices');
  });
}

async function searching(a, b) {
  await b.search.fill('sarah');
  await check('a search finds contacts', async () => {
    await b.contact('John').waitFor({ state: 'detached' });
    is(await b.contacts.getByRole('button').count(), 2, 'contacts');
  });
  await b.search.fill('eight');
  await check('and messages, which it opens', async () => {
    await b.page.getByText('No contact has this name.').waitFor();
    await b.page.getByRole('list', { name: 'Messages found' }).getByRole('button').first().click();
    await b.page.getByRole('heading', { name: 'John', exact: true }).waitFor();
  });
  await b.search.fill('');
  await check('without words all are there again', () => b.knows('Mike'));
}

async function withAi(enter, model, folder) {
  const [a, b] = [await enter('Ann'), await enter('Bea')];
  await a.ask('What is a switch?');
  const question = await model.next();
  await check('an answer comes in pieces, to all', async () => {
    await question.say('A switch turns ');
    for (const line of [a, b]) await line.answers.getByText('A switch turns', { exact: true }).waitFor();
    await question.say('one step for each pulse.');
    for (const line of [a, b]) await line.answers.getByText('A switch turns one step for each pulse.', { exact: true }).waitFor();
    await b.answers.getByText('Somebody here asked the AI').waitFor();
  });
  await question.end();
  await check('and ends', () => a.page.getByRole('button', { name: 'Stop' }).waitFor({ state: 'detached' }));
  await a.ask('Tell me a long story');
  const story = await model.next();
  await story.say('Once upon a time');
  await b.answers.getByText('Once upon a time').waitFor();
  await check('a question is taken back, and what was heard of it with it', async () => {
    await a.page.getByRole('button', { name: 'Stop' }).click();
    await a.answers.getByText('This was cancelled.').waitFor();
    await b.answers.getByText('Once upon a time').waitFor({ state: 'detached' });
    await story.isGone;
  });
  await a.add('John Smith');
  await a.say('would you be so kind and give my brother a shout that dinner is ready');
  await check('a send that the sentence does not name is asked about', async () => {
    const sentence = await model.next();
    await sentence.say(JSON.stringify({ action: 'send', contact: 'John', message: 'Dinner is ready.' }));
    await sentence.end();
    await a.happens('To John Smith: Dinner is ready.');
    await a.activity.getByRole('button', { name: 'Send it' }).waitFor();
    await a.open('John Smith');
    await a.page.getByText('Nothing was said yet.').waitFor();
  });
  await looks(a, folder, 'ai');
  await check('and goes out by a yes', async () => {
    await a.activity.getByRole('button', { name: 'Send it' }).click();
    await a.reads('Dinner is ready.', NOBODY_GOT_IT);
  });
  await a.page.getByRole('button', { name: 'Sum up' }).click();
  await check('a conversation is summed up', async () => {
    const summary = await model.next();
    await summary.say('You told John that dinner is ready.');
    await summary.end();
    await a.page.getByRole('region', { name: 'What the AI says' }).getByText('You told John that dinner is ready.').waitFor();
  });
  await a.page.getByRole('button', { name: 'Suggest' }).click();
  await check('and what is suggested is put into the field, not sent', async () => {
    const suggestion = await model.next();
    await suggestion.say('Are you coming?\nIt is getting cold.');
    await suggestion.end();
    await a.page.getByRole('button', { name: 'It is getting cold.', exact: true }).click();
    is(await a.tab.message.inputValue(), 'It is getting cold.', 'the field');
    is(await a.log.getByText('It is getting cold.').count(), 0, 'messages');
  });
}

async function withToken(enter) {
  const a = await enter('Ann', undefined, { isRefused: true });
  await a.tab.stands('Not connected: this hub asks for a token');
  const field = a.page.getByLabel('Token', { exact: true });
  await field.fill('wrong');
  await field.press('Enter');
  await check('a wrong token is said to be wrong', () => a.page.getByText('This token opens nothing here.').waitFor());
  await field.fill(process.env.AUTH_TOKEN);
  await field.press('Enter');
  await check('with a right one the session is joined, and it is known who is here', async () => {
    await a.tab.stands('Connected');
    await a.people.getByText('Ann (you)').waitFor();
  });
  await check('a reload asks for no token again', async () => {
    await a.page.reload();
    await a.tab.stands('Connected');
  });
  await check('nothing of it is in the address, or kept once the page is there', async () => {
    is(new URL(a.page.url()).search, '', 'the address');
    is(await a.page.evaluate(() => sessionStorage.length + localStorage.length), 0, 'things kept');
  });
}

run(async ([hub, asking, modelPort, guarded, folder]) => {
  if (!guarded) throw new Failure(`usage: AUTH_TOKEN=… node session.mjs ${'http://127.0.0.1:PORT '.repeat(2)}MODEL_PORT http://127.0.0.1:PORT [folder for screenshots]`);
  await withBrowser(folder, async (browser, screenshots, complaints) => {
    const tell = stories(browser, complaints);
    await tell(hub, (enter) => simulated(enter, screenshots));
    const model = await Model.at(Number(modelPort));
    await tell(asking, (enter) => withAi(enter, model, screenshots));
    model.close();
    await tell(guarded, (enter) => withToken(enter));
  });
});
