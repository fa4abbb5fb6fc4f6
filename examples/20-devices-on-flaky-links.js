// Ten devices upload over links that break every 200 KB, some in the middle of an answer. No code here retries.
// @ts-check
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { FileClient, FileServer, MemoryStorage } from 'socket-ftp';

const server = await new FileServer({ storage: new MemoryStorage() }).listen(0);
let cuts = 0;
// Stands for a mobile network: passes 200 KB on, then cuts the connection.
const link = createServer((near) => {
  const far = connect(server.port);
  let bytes = 0;
  /** @param {import('node:net').Socket} from @param {import('node:net').Socket} to */
  const pass = (from, to) => {
    from.on('error', () => undefined).on('close', () => to.destroy());
    from.on('data', (chunk) => {
      if ((bytes += chunk.length) < 200_000) return void to.write(chunk);
      cuts += 1;
      near.destroy();
    });
  };
  pass(near, far);
  pass(far, near);
}).listen(0, '127.0.0.1');
await once(link, 'listening');
const { port } = /** @type {import('node:net').AddressInfo} */ (link.address());
/** @param {unknown} _ @param {number} number */
async function device(_, number) {
  const reading = randomBytes(1_000_000);
  const client = new FileClient({ port, connection: 'on-demand', reconnect: { minDelayMs: 10 } });
  await client.writeFile(`device-${number}.bin`, reading);
  const stored = await client.readFile(`device-${number}.bin`);
  await client.close();
  return stored.equals(reading);
}
const whole = await Promise.all(Array.from({ length: 10 }, device));
console.log(`${whole.filter(Boolean).length} of ${whole.length} files are whole, after ${cuts} cuts.`);
link.close();
await server.close();
