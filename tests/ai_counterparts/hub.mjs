// One client of a hub, and how a check says what came of it.

import { isDeepStrictEqual } from 'node:util';
import WebSocket from 'ws';

export class Failure extends Error {}

/** Prints a line if all went well, and throws a `Failure` that names the check if not. */
export async function check(what, act) {
  try {
    await act();
  } catch (error) {
    throw new Failure(`FAILED ${what}: ${error instanceof Failure ? error.message : error.stack}`);
  }
  console.log(`well: ${what}`);
}

/** Both have to be equal; of an object that came, only the fields that are expected count. */
export function expect(what, expected, came) {
  const fields = isObject(expected) && isObject(came) ? pick(came, Object.keys(expected)) : came;
  if (isDeepStrictEqual(fields, expected)) return;
  throw new Failure(`${what}: ${JSON.stringify(expected)} was expected, and ${JSON.stringify(came)} came`);
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const pick = (object, names) => Object.fromEntries(names.filter((name) => name in object).map((name) => [name, object[name]]));

/** Ends the process with what `main` says: true is well. */
export function run(main) {
  main(process.argv.slice(2)).then(
    (isWell) => process.exit(isWell ? 0 : 1),
    (error) => {
      console.error(error instanceof Failure ? error.message : error.stack);
      process.exit(1);
    },
  );
}

export class Client {
  #socket;
  #frames = [];
  #isNews = () => {};
  #requests = 0;

  /** Connects to the hub on this port, as a client of this session. */
  static async join(port, session) {
    const client = new Client();
    client.#socket = new WebSocket(`ws://127.0.0.1:${port}/`);
    client.#socket.on('message', (text) => client.#take(JSON.parse(text)));
    client.#socket.on('error', (error) => client.#take({ type: 'no connection', error: error.message }));
    client.#socket.on('open', () => client.#send({ type: 'register', session }));
    await client.#frame('registration_confirmed', (frame) => frame.type === 'registration_confirmed', 10);
    return client;
  }

  /** Asks, and returns the content of the answer with its type, and the pieces that came before it. */
  async ask(request, seconds = 30) {
    const id = String((this.#requests += 1));
    const begin = this.#frames.length;
    this.#send({ ...request, request_id: id });
    const isAnswer = (frame) => frame.request_id === id && frame.type !== 'ai_delta';
    const { response_type: type, content, ...rest } = await this.#frame(`an answer to ${request.type}`, isAnswer, seconds);
    const pieces = this.#frames.slice(begin).filter((frame) => frame.type === 'ai_delta' && frame.request_id === id && !frame.done);
    return { type, content: content ?? rest, pieces: pieces.map((frame) => frame.delta) };
  }

  /** What the session was told of messages that go out. */
  get sent() {
    return this.#frames.filter((frame) => frame.type === 'whatsapp_message').map(({ contact, message }) => ({ contact, message }));
  }

  leave() {
    this.#socket.terminate();
  }

  #send(frame) {
    this.#socket.send(JSON.stringify(frame));
  }

  #take(frame) {
    this.#frames.push(frame);
    this.#isNews();
  }

  /** Waits for the first such frame. */
  async #frame(what, isMeant, seconds) {
    const end = Date.now() + seconds * 1000;
    for (;;) {
      const found = this.#frames.find(isMeant);
      if (found) return found;
      if (!(await this.#news(end - Date.now()))) {
        throw new Failure(`${what} was expected within ${seconds} s, and ${JSON.stringify(this.#frames)} came`);
      }
    }
  }

  /** Waits for another frame; false if none comes in time. */
  #news(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), Math.max(0, milliseconds));
      this.#isNews = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }
}
