// The network between a page and the hub, which a test can break.

import { connect, createServer } from 'node:net';

export class Network {
  #pairs = new Set();
  #state = 'whole';

  /** Passes everything on to the hub at this address. */
  static async to(hub) {
    const { hostname, port } = new URL(hub);
    const network = new Network();
    const server = createServer((near) => network.#join(near, () => connect(Number(port), hostname)));
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    network.url = `http://127.0.0.1:${server.address().port}`;
    network.close = () => {
      network.cut();
      server.close();
    };
    return network;
  }

  /** Every connection ends without a word, and no new one comes about. */
  cut() {
    this.#state = 'cut';
    for (const pair of this.#pairs) pair.forEach((socket) => socket.destroy());
  }

  /** Nothing arrives any more, and nobody hears why. */
  swallow() {
    this.#state = 'silent';
  }

  /** From now on new connections get through. What was swallowed is lost, and its connections with it. */
  mend() {
    this.cut();
    this.#state = 'whole';
  }

  #join(near, open) {
    if (this.#state !== 'whole') return near.destroy();
    const pair = [near, open()];
    this.#pairs.add(pair);
    for (const [from, to] of [pair, pair.toReversed()]) {
      from.on('data', (data) => this.#state === 'whole' && to.write(data));
      from.on('error', () => {});
      from.on('close', () => {
        to.destroy();
        this.#pairs.delete(pair);
      });
    }
    return undefined;
  }
}
