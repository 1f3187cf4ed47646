// Hubs ask a small model that is a real one, and their clients hear what they should.
//
//     node small_model.mjs openai=HUB anthropic=HUB
//
// Each HUB is the port of a hub that asks the model by this service. Prints one line per check; the exit code says
// whether all went well. Of what a model as small as this one writes only the action and the contact are looked at, not
// the words. It errs at times, and not on every processor at the same sentence: most of them have to come out right.

import { Client, Failure, check, expect, run } from './hub.mjs';

const PATIENCE = 150; // Seconds; its first answer takes it long.
const CONTACTS = ['Mike', 'Sarah', 'Anna'];
const MAY_GO_WRONG = 2;

/** None of these is known to the rules. */
const SENTENCES = [
  ['I want the list of my contacts', 'list', null],
  ['which contacts are there?', 'list', null],
  ['which people do I have here?', 'list', null],
  ['let me read what Sarah wrote', 'read', 'Sarah'],
  ['anything from Sarah?', 'read', 'Sarah'],
  ['suggest something I could say to Mike', 'suggest', 'Mike'],
  ['who mentioned the tickets?', 'search', null],
];

/** It has to be held to the schema for these, and llama.cpp does that for OpenAI's API alone. */
const HARDER = [
  ['wish Sarah a happy birthday', 'send', 'Sarah'],
  ['invite Anna to the party on Friday', 'send', 'Anna'],
  ['sum up what Sarah and I talked about', 'summary', 'Sarah'],
  ['sum up what Mike and I wrote', 'summary', 'Mike'],
];

async function answers(service, client) {
  const { content, pieces } = await client.ask({ type: 'ai_request', prompt: 'Say hello.', stream: true }, PATIENCE);
  expect('the answer', { success: true, service }, content);
  if (pieces.length < 2) throw new Failure(`several pieces were expected, and ${JSON.stringify(pieces)} came`);
  expect('the pieces, together', content.text, pieces.join(''));
  const { prompt, completion } = content.tokens;
  if (!(prompt > 0 && completion > 0)) throw new Failure(`tokens were expected, and ${JSON.stringify(content.tokens)} came`);
}

/** Whether the model read the sentence as it is meant, and the hub did so. */
async function understands(client, [sentence, action, contact]) {
  const { type, content } = await client.ask({ type: 'whatsapp_ai_command', command: sentence }, PATIENCE);
  const came = [type, content.action, content.contact ?? null];
  const isRight = came.join() === ['whatsapp_command_result', action, contact].join();
  console.log(`  ${isRight ? 'right' : 'wrong'}: "${sentence}": ${came.filter(Boolean).join(' ')}`);
  return isRight;
}

async function understandsMost(client, sentences) {
  const right = [];
  for (const sentence of sentences) right.push(await understands(client, sentence));
  const wrong = right.filter((isRight) => !isRight).length;
  if (wrong > MAY_GO_WRONG) throw new Failure(`${wrong} of ${right.length} sentences came out wrong`);
}

async function visit(service, port, sentences) {
  const client = await Client.join(port, 'team');
  await check(`${service}: an answer in pieces, and what it took`, () => answers(service, client));
  await client.ask({ type: 'contact_list_update', contacts: CONTACTS }, PATIENCE);
  await check(`${service}: sentences that only a model can read`, () => understandsMost(client, sentences));
  client.leave();
}

run(async (words) => {
  const ports = new Map(words.map((word) => word.split('=')));
  // One after the other: the model does one thing at a time.
  await visit('openai', ports.get('openai'), [...SENTENCES, ...HARDER]);
  await visit('anthropic', ports.get('anthropic'), SENTENCES);
  return true;
});
