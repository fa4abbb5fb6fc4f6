// What goes wrong is a TransferError with a code of POSIX, for every method and stream.
// Look at the codes, and at `signal`: it cancels a transfer or limits its time, and the connection goes on.
// @ts-check
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FileClient, FileServer, MemoryStorage, TransferError } from 'socket-ftp';

/** @type {(what: string, promise: Promise<unknown>) => Promise<void>} */
async function expectFailure(what, promise) {
  const error = await promise.catch((/** @type {unknown} */ thrown) => thrown);
  if (!(error instanceof TransferError)) throw new Error(`${what}: it did not fail.`);
  console.log(`${what}: ${error.message}`);
}

/** @param {import('socket-ftp').FileServerOptions} options */
async function start(options) {
  const server = await new FileServer(options).listen(0);
  const { port } = server;
  return { server, client: new FileClient({ port }) };
}

const reading = await start({});
await expectFailure('No root was named', reading.client.writeFile('new.txt', 'Hello!'));
await expectFailure('Missing', reading.client.stat('no/such/file.txt'));
await expectFailure('Not a name', reading.client.readFile('../outside.txt'));

const { client, server } = await start({ storage: new MemoryStorage() });
await client.writeFile('large.bin', Buffer.alloc(20_000_000));
await expectFailure('Exists', client.writeFile('large.bin', 'other', { overwrite: false }));

const neverReady = () => new Writable({ write: () => undefined });
const controller = new AbortController();
const download = client.download('large.bin', { signal: controller.signal });
download.once('data', () => controller.abort());
await expectFailure('Aborted', pipeline(download, neverReady()));
const late = client.download('large.bin', { signal: AbortSignal.timeout(50) });
await expectFailure('Too slow', pipeline(late, neverReady()));
console.log(`The connection is still there: ${(await client.stat('large.bin')).size} bytes.`);

for (const end of [reading.client, client, reading.server, server]) await end.close();
