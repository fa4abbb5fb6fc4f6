// A process that makes two directories equal, and kills itself after some actions.
// It runs the built package: every process would have to compile the sources again.
import { writeSync } from 'node:fs';
import process from 'node:process';
import { FileClient } from '../../../dist/index.js';

/** @type {import('./sync-process.ts').SyncJob} */
const { port, from, to, killAfter } = JSON.parse(process.argv[2] ?? '');

let actions = 0;
const client = new FileClient({ port, codec: 'binary' });
const { files, bytes, isComplete } = await client.sync(from, to, {
  mode: 'mirror',
  onAction: ({ kind }) => {
    if (kind === 'transfer') actions += 1;
    if (actions === killAfter) process.kill(process.pid, 'SIGKILL');
  },
});
writeSync(1, JSON.stringify({ files, bytes, isComplete }));
await client.close();
