// A storage of one's own: it wraps another one, and takes no file that is larger than a limit.
// Look at `write`: an upload goes piece by piece into a pending file, and shows under its name at `commit` only.
// @ts-check
import { FileClient, FileServer, MemoryStorage, TransferError } from 'socket-ftp';
import { storageContract } from 'socket-ftp/contracts';

/** @type {(inner: MemoryStorage, maxBytes: number) => import('socket-ftp').Storage} */
const limited = (inner, maxBytes) => ({
  stat: (path) => inner.stat(path),
  list: (path, options) => inner.list(path, options),
  read: (path) => inner.read(path),
  mkdir: (path, options) => inner.mkdir(path, options),
  remove: (path, options) => inner.remove(path, options),
  rename: (from, to, options) => inner.rename(from, to, options),
  copy: (from, to, options) => inner.copy(from, to, options),
  async write(path, options) {
    const pending = await inner.write(path, options);
    let bytes = 0;
    return {
      async write(pieces) {
        for (const piece of pieces) bytes += piece.length;
        if (bytes > maxBytes) throw new TransferError('EFBIG', `A file has ${maxBytes} bytes at most here.`);
        await pending.write(pieces);
      },
      commit: () => pending.commit(),
      discard: () => pending.discard(),
    };
  },
});

const claims = storageContract(() => limited(new MemoryStorage(), Infinity));
for (const { run } of claims) await run();
console.log(`It keeps all ${claims.length} claims of the contract.`);
const server = await new FileServer({ storage: limited(new MemoryStorage(), 1000) }).listen(0);
const { port } = server;
const client = new FileClient({ port });
const outcomes = [client.writeFile('small', 'x'.repeat(1000)), client.writeFile('large', 'x'.repeat(1001))];
for (const outcome of await Promise.allSettled(outcomes))
  console.log('reason' in outcome ? `Refused: ${outcome.reason}` : `Stored ${outcome.value.size} bytes.`);
await Promise.all([client.close(), server.close()]);
