// A strategy of one's own: two transfers at a time, while everything else is served at once.
// Look at `submit`: it gets each request as it arrives, and calls `run` when its time has come.
// @ts-check
import { FileClient, FileServer, MemoryStorage } from 'socket-ftp';
/** @import { ServerRequest, ServerStrategy } from 'socket-ftp' */

const MAX_TRANSFERS = 2;

/** @implements {ServerStrategy} */
class QuickOnesFirst {
  name = 'quick-ones-first';
  /** @type {ServerRequest[]} */ #waiting = [];
  #running = 0;

  /** @param {ServerRequest} request */
  submit(request) {
    const isTransfer = request.operation === 'download' || request.operation === 'upload';
    if (!isTransfer) void request.run();
    else if (this.#running === MAX_TRANSFERS) this.#waiting.push(request);
    else void this.#serve(request);
  }

  /** @param {ServerRequest | undefined} request */
  async #serve(request) {
    this.#running += 1;
    for (; request; request = this.#waiting.shift()) await request.run();
    this.#running -= 1;
  }
}

const storage = new MemoryStorage();
const server = await new FileServer({ storage, strategy: new QuickOnesFirst() }).listen(0);
const { port } = server;
const client = new FileClient({ port });
const files = ['one', 'two', 'three', 'four'];
for (const file of files) await client.writeFile(file, Buffer.alloc(8_000_000));
server.on('requestEnd', ({ operation, path }) => console.log(`done: ${operation} ${path}`));
await Promise.all([...files.map((file) => client.readFile(file)), client.stat('four')]);
await client.close();
await server.close();
