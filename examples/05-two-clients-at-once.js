// Two clients download at once, from a non-blocking server and from a blocking one.
// Look at the order of the letters, one for each 256 KiB that comes: in turns, or one client after the other.
// @ts-check
import { FileClient, FileServer, MemoryStorage } from 'socket-ftp';

const PIECE_BYTES = 256 * 1024;

/**
 * The order in which the two clients' bytes come.
 * @param {import('socket-ftp').StrategyName} strategy
 */
async function race(strategy) {
  const server = await new FileServer({ storage: new MemoryStorage(), strategy }).listen(0);
  const { port } = server;
  const clients = [new FileClient({ port }), new FileClient({ port })];
  await clients[0]?.writeFile('film', Buffer.alloc(8 * 1024 * 1024));
  await clients[1]?.connect();
  let order = '';
  const downloads = clients.map(async (client, index) => {
    let bytes = 0;
    for await (const chunk of client.download('film')) {
      const before = Math.floor(bytes / PIECE_BYTES);
      bytes += /** @type {Buffer} */ (chunk).length;
      order += 'ab'.charAt(index).repeat(Math.floor(bytes / PIECE_BYTES) - before);
    }
  });
  await Promise.all(downloads);
  for (const client of clients) await client.close();
  await server.close();
  return order;
}

console.log('non-blocking:', await race('non-blocking'));
console.log('blocking:    ', await race('blocking'));
