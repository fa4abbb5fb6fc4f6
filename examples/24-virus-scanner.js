// A hook that scans each upload before other clients see it, and one that writes a log. A real scanner reads the same stream.
// @ts-check
import { FileClient, FileServer, MemoryStorage, TransferError } from 'socket-ftp';

const SIGNATURE = 'X5O!P%@AP';

/** @param {import('node:stream').Readable} bytes */
async function scan(bytes) {
  let end = '';
  for await (const piece of bytes.setEncoding('latin1')) {
    const text = `${end}${String(piece)}`;
    if (text.includes(SIGNATURE)) throw new TransferError('EVIRUS', 'The file contains a virus.');
    end = text.slice(1 - SIGNATURE.length);
  }
}

/** @type {string[]} */
const log = [];
const server = await new FileServer({
  storage: new MemoryStorage(),
  before: ({ operation }) => {
    if (operation === 'remove') throw new TransferError('EACCES', 'Nothing is removed here.');
  },
  beforeCommit: ({ read }) => scan(read()),
  after: ({ operation, path, error }) => void log.push(`${operation} ${path}: ${error?.code ?? 'ok'}`),
}).listen(0);

const client = new FileClient({ port: server.port });
await client.writeFile('good.txt', 'Nothing to fear.');
/** @type {(error: TransferError) => void} */
const report = (error) => console.log(error.message);
await client.writeFile('bad.bin', `${'.'.repeat(500_000)}${SIGNATURE}`).catch(report);
await client.remove('good.txt').catch(report);
console.log((await client.readdir()).map(({ path }) => path).join(', '), 'is stored.');

await client.close();
await server.close();
console.log(log.join('\n'));
