// Keeps a local folder in step with one on the server, as soon as something changes there: support/keep-in-step.js.
// Look at its `isStale`: events that come during a `sync` lead to one more `sync`, however many they are.
// @ts-check
import { EventEmitter, once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FileClient, FileServer, MemoryStorage } from 'socket-ftp';
import { keepInStep } from './support/keep-in-step.js';

const server = await new FileServer({ storage: new MemoryStorage() }).listen(0);
const sender = new FileClient({ port: server.port });
await sender.writeFile('inbox/early.txt', 'Here before the watch.', { makeDirectories: true });

const local = await mkdtemp(path.join(tmpdir(), 'socket-ftp-'));
const receiver = new FileClient({ port: server.port });
const stop = new AbortController();
const steps = new EventEmitter();
const onStep = () => void steps.emit('step');
const kept = keepInStep(receiver, { remote: 'inbox', local, signal: stop.signal, onStep });

/** @param {string[]} wanted */
async function has(...wanted) {
  const step = once(steps, 'step');
  const names = (await readdir(local)).sort();
  if (names.join() === wanted.join()) return console.log('The folder has', names);
  await step;
  return has(...wanted);
}
await has('early.txt');
await sender.writeFile('inbox/new.txt', 'New.');
await has('early.txt', 'new.txt');
await sender.rename('inbox/early.txt', 'inbox/late.txt');
await has('late.txt', 'new.txt');

stop.abort();
await kept.catch((/** @type {unknown} */ error) => console.log('It has ended:', String(error)));
for (const end of [receiver, sender, server]) await end.close();
await rm(local, { recursive: true });
