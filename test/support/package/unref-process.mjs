// A process whose only handles are those of a client. It runs the built package, as transfer-process.mjs does, and
// prints when the client is connected, when it is disconnected, and when nothing keeps the process alive any more.
import { writeSync } from 'node:fs';
import process from 'node:process';
import { FileClient } from '../../../dist/index.js';

const [kind = '', port = ''] = process.argv.slice(2);
const client = new FileClient({
  port: Number(port),
  transport: kind === 'with an open UDP path' ? 'udp' : 'tcp',
  reconnect: { minDelayMs: 600_000, maxDelayMs: 600_000 },
});

process.once('beforeExit', () => say('unused'));
client.on('disconnect', () => say('disconnected'));

// What keeps the process alive until the client is connected.
const timer = setInterval(() => undefined, 1_000);
if (kind === 'before connecting') client.unref();
await client.connect();
if (kind === 'with an open UDP path') await client.writeFile('file', Buffer.alloc(2_000_000));
if (kind !== 'while waiting to reconnect') client.unref();
if (kind === 'with ref') client.ref();
if (kind === 'with a running request') client.upload('never-ends', { timeoutMs: 600_000 });
client.on('state', ({ status }) => {
  if (status === 'waiting') client.unref();
});
say('connected');
clearInterval(timer);

/** @param {string} word */
function say(word) {
  writeSync(1, `${word}\n`);
}
