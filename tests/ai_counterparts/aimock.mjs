// Hubs ask aimock, which answers as OpenAI, Gemini and Anthropic do, and their clients hear what they should.
//
//     node aimock.mjs PORT openai=HUB gemini=HUB anthropic=HUB [--only PATTERN]
//
// PORT is where aimock is to listen. Each HUB is the port of a hub that has just this service, with `key-of-openai` as
// its key and `model-of-openai` as its model, and so on. --only takes a regular expression, and leaves out every check
// whose line does not match it. Prints one line per check; the exit code says whether all went well.

import { LLMock } from '@copilotkit/aimock';
import { Client, Failure, check, expect, run } from './hub.mjs';

const HEADERS = { openai: 'authorization', gemini: 'x-goog-api-key', anthropic: 'x-api-key' };
const USAGE = { prompt_tokens: 8, completion_tokens: 13 };
const TOKENS = { prompt: 8, completion: 13 };

const textOf = (service) => `Hello and welcome from ${service}, which has a lot to say today.`;
const keyOf = (service) => `key-of-${service}`;
const modelOf = (service) => `model-of-${service}`;

/** What a model says of a sentence. */
const action = (action, contact, message) => ({ content: JSON.stringify({ action, contact, message, count: null }), usage: USAGE });

/** Chunks that leave one by one: all at once, a cut would take back those before it. */
const SLOWLY = { streamingProfile: { ttft: 20, tps: 50 } };

/** Each has a name, what aimock says meanwhile, and what has to come of it. */
const CHECKS = [
  {
    name: 'an answer',
    fixtures: (service) => [{ response: { content: textOf(service), usage: USAGE } }],
    async passes(house) {
      const { type, content } = await house.ask();
      expect('the type', 'ai_response', type);
      expect('the answer', { success: true, text: textOf(house.service), service: house.service, tokens: TOKENS }, content);
      const [call] = await house.calls(1);
      expect('the model', modelOf(house.service), call.body.model);
      // aimock lets nobody in without one of the keys, and writes down in which header it came, not the key.
      expect('the header with the key', [HEADERS[house.service]], Object.values(HEADERS).filter((name) => name in call.headers));
    },
  },
  {
    name: 'a streamed answer',
    fixtures: (service) => [{ response: { content: textOf(service), usage: USAGE }, ...SLOWLY }],
    async passes(house) {
      const { content, pieces } = await house.ask({ stream: true });
      expect('the answer', { success: true, text: textOf(house.service), tokens: TOKENS }, content);
      expect('the pieces, together', textOf(house.service), pieces.join(''));
      if (pieces.length < 2) throw new Failure(`several pieces were expected, and ${JSON.stringify(pieces)} came`);
    },
  },
  {
    name: 'a fault, twice',
    fixtures: () => [{ response: { status: 500, error: { message: 'Oops.', type: 'server_error' } } }],
    async passes(house) {
      const { content } = await house.ask();
      expect('the answer', { success: false, code: 'ai_unavailable' }, content);
      await house.calls(2);
    },
  },
  {
    name: 'a fault, and then an answer',
    fixtures: (service) => [
      { match: { sequenceIndex: 0 }, response: { status: 503, error: { message: 'Oops.', type: 'server_error' } } },
      { match: { sequenceIndex: 1 }, response: { content: textOf(service), usage: USAGE } },
    ],
    async passes(house) {
      const { content } = await house.ask();
      expect('the answer', { success: true, text: textOf(house.service) }, content);
      await house.calls(2);
    },
  },
  {
    name: 'something that is no answer',
    fixtures: () => [{ response: { content: 'Hello.' }, chaos: { malformedRate: 1 } }],
    async passes(house) {
      const { content } = await house.ask();
      expect('the answer', { success: false, code: 'ai_unavailable' }, content);
      await house.calls(2);
    },
  },
  {
    name: 'a stream that is cut',
    fixtures: (service) => [{ response: { content: textOf(service) }, ...SLOWLY, truncateAfterChunks: 6 }],
    async passes(house) {
      const { content, pieces } = await house.ask({ stream: true });
      expect('the answer', { success: false, code: 'ai_unavailable' }, content);
      const begun = pieces.join('');
      if (begun === '') throw new Failure('the beginning of the text was expected before the end, and nothing came');
      expect('the pieces, together', textOf(house.service).slice(0, begun.length), begun);
      await house.calls(1);
    },
  },
  {
    name: 'ten who ask the same',
    fixtures: (service) => [{ response: { content: textOf(service), usage: USAGE }, streamingProfile: { ttft: 1_500 } }],
    async passes(house) {
      const ten = await Promise.all(Array.from({ length: 10 }, (_, at) => house.client(`asks the same ${at}`)));
      const answers = await Promise.all(ten.map((client) => house.ask({}, client)));
      const texts = new Set(answers.map(({ content }) => content.text));
      expect('what the ten hear', [textOf(house.service)], [...texts]);
      await house.calls(1);
    },
  },
  {
    name: 'a sentence that no rule knows',
    sentence: 'John ought to hear that the train is late',
    fixtures: () => [{ response: action('send', 'John', 'the train is late') }],
    async passes(house) {
      const { type, content } = await house.say();
      expect('the type', 'whatsapp_command_result', type);
      expect('the answer', { success: true, action: 'send', contact: 'John', message: 'the train is late', state: 'simulated' }, content);
      const [call] = await house.calls(1);
      // Of the other two aimock writes down no more than the conversation.
      if (house.service === 'openai') expect('the shape that is asked for', 'json_schema', call.body.response_format?.type);
    },
  },
  {
    name: 'a contact that only the AI named',
    sentence: 'somebody ought to hear that the train is late',
    fixtures: () => [{ response: action('send', 'John', 'the train is late') }],
    async passes(house) {
      const { content, sent } = await house.say();
      expect('the answer', { success: false, code: 'confirmation_required' }, content);
      expect('what there is to confirm', 'string', typeof content.confirm);
      expect('what was sent', [], sent);
      await house.calls(1);
    },
  },
  {
    name: 'words instead of an action',
    sentence: 'Mike ought to hear that the train is late',
    fixtures: () => [{ response: { content: 'Sure! I will tell Mike.', usage: USAGE } }],
    async passes(house) {
      const { type, content, sent } = await house.say();
      expect('the type', 'ai_parse_error', type);
      expect('the answer', { success: false }, content);
      expect('what was sent', [], sent);
      if ((await house.calls()).length === 0) throw new Failure('a call was expected, and none was made');
    },
  },
  {
    name: 'a first word that is late',
    fixtures: (service) => [{ response: { content: textOf(service) }, streamingProfile: { ttft: 10_000 } }],
    async passes(house) {
      const { content } = await house.ask();
      expect('the answer', { success: false, code: 'ai_timeout' }, content);
      await house.calls(1);
    },
  },
  {
    // The last one: for a minute nothing gets through any more.
    name: 'a refusal for a minute',
    fixtures: () => [{
      response: { status: 429, retryAfter: 60, error: { message: 'Slow down.', type: 'rate_limit_error', code: 'rate_limit_exceeded' } },
    }],
    async passes(house) {
      for (const when of ['at first', 'in the minute']) {
        const { content } = await house.ask();
        expect(`the answer ${when}`, { success: false, code: 'overloaded' }, content);
        await house.calls(1);
      }
    },
  },
];

/** One check at one service: its hub, and what aimock heard from there. */
class House {
  #clients = [];

  constructor(mock, service, port, check) {
    Object.assign(this, { mock, service, port, check });
    // A sentence is asked of each hub as it stands; everything else says whom it is for.
    this.text = check.sentence ?? `${service} is asked for "${check.name}"`;
  }

  async client(session) {
    const client = await Client.join(this.port, `${this.check.name}: ${session}`);
    this.#clients.push(client);
    return client;
  }

  async ask(how = {}, client = undefined) {
    const asker = client ?? (await this.client('asks'));
    return asker.ask({ type: 'ai_request', prompt: this.text, service: this.service, ...how });
  }

  async say() {
    const client = await this.client('says');
    const answer = await client.ask({ type: 'whatsapp_ai_command', command: this.text });
    return { ...answer, sent: client.sent };
  }

  /** The calls that were made, which have to be so many. */
  async calls(expected = undefined) {
    const answer = await fetch(`${this.mock.url}/__aimock/journal`, { headers: { authorization: `Bearer ${keyOf(this.service)}` } });
    const isMine = ({ body }) => body?.model === modelOf(this.service) && body.messages?.at(-1).content.includes(this.text);
    const calls = (await answer.json()).filter(isMine);
    if (expected !== undefined) expect('the number of calls', expected, calls.length);
    return calls;
  }

  leave() {
    this.#clients.forEach((client) => client.leave());
  }
}

async function passes(house) {
  try {
    await check(`${house.service}: ${house.check.name}`, () => house.check.passes(house));
    return true;
  } catch (error) {
    console.log(error.message);
    return false;
  } finally {
    house.leave();
  }
}

function teach(mock, { service, check, text }) {
  for (const { match, response, ...how } of check.fixtures(service)) {
    mock.on({ ...match, model: modelOf(service), userMessage: text }, response, how);
  }
}

run(async (words) => {
  const at = words.indexOf('--only');
  const only = new RegExp(at < 0 ? '' : words.splice(at, 2)[1]);
  const [port, ...hubs] = words;
  const services = hubs.map((hub) => hub.split('='));
  const apiKeys = services.map(([service]) => keyOf(service));
  const mock = new LLMock({ port: Number(port), host: '127.0.0.1', chunkSize: 6, auth: { apiKeys } });
  const houses = CHECKS.map((check) => services.map(([service, hub]) => new House(mock, service, hub, check)))
    .map((row) => row.filter(({ service, check }) => only.test(`${service}: ${check.name}`)));
  houses.flat().forEach((house) => teach(mock, house));
  await mock.start();
  const outcomes = [];
  // One after the other: a hub leaves a service alone that fails again and again. The services side by side.
  for (const row of houses) outcomes.push(...(await Promise.all(row.map(passes))));
  return outcomes.length > 0 && outcomes.every(Boolean);
});
