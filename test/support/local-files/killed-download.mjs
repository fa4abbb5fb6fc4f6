// A process that downloads a local file and kills itself before or after a certain call of the file system.
// It runs the built package: every process would have to compile the sources again.
import fs from 'node:fs/promises';
import process from 'node:process';
import { FileClient } from '../../../dist/index.js';

const { port, localPath, overwrite, step, when, count } = JSON.parse(process.argv[2] ?? '');

/** @type {(...args: unknown[]) => Promise<unknown>} */
const call = fs[step];
let calls = 0;
fs[step] = async (...args) => {
  calls += 1;
  if (calls === count && when === 'before') process.kill(process.pid, 'SIGKILL');
  const result = await call(...args);
  if (calls === count && when === 'after') process.kill(process.pid, 'SIGKILL');
  return result;
};

const client = new FileClient({ port });
await client.downloadFile('big', localPath, { overwrite });
await client.close();
