// The demo: real files, uploaded and downloaded between two processes in each of the four codecs, and compared.
// @ts-check
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LARGE_BYTES, all, makeFiles, small } from './files.js';

/** @import { Row } from './client.js' */

const MIB = 1024 * 1024;

// Ctrl+C ends the two children; what is left to do then is to clean up.
process.once('SIGINT', () => undefined);
const folder = await mkdtemp(path.join(tmpdir(), 'socket-ftp-demo-'));
try {
  process.exitCode = (await run()) ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Whether all files came through unchanged. */
async function run() {
  const [source, stored, target] = ['source', 'stored', 'target'].map((name) => path.join(folder, name));
  if (!source || !stored || !target) throw new Error('There are three folders.');
  await mkdir(stored);
  await makeFiles(source);
  console.log('A server and a client, each a process of its own, over loopback.');
  console.log('In each codec every file goes up, comes down again, and is compared by its SHA-256.\n');

  const server = start('server.js', [stored]);
  const serverEnd = once(server, 'exit');
  try {
    const [port] = await Promise.race([once(server, 'message'), failureOf(server)]);
    const rows = await table(start('client.js', [String(port), source, target]));
    return rows.length === 4 && rows.every(({ equal }) => equal === all.length);
  } finally {
    if (server.connected) server.disconnect();
    await serverEnd;
  }
}

/**
 * @param {string} file
 * @param {string[]} args
 */
function start(file, args) {
  return fork(path.join(import.meta.dirname, file), args, { serialization: 'advanced' });
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<never>}
 */
async function failureOf(child) {
  const [code, signal] = await once(child, 'exit');
  throw new Error(`A process of the demo has ended early: ${signal ?? `code ${code}`}.`);
}

/**
 * Prints rows as they come, and resolves with all of them when the client has ended.
 * @param {import('node:child_process').ChildProcess} client
 */
async function table(client) {
  /** @type {Row[]} */
  const rows = [];
  print([
    'codec',
    '64 MiB up',
    '64 MiB down',
    `${small.length} small up`,
    `${small.length} small down`,
    'SHA-256',
  ]);
  client.on('message', (message) => {
    const row = /** @type {Row} */ (message);
    rows.push(row);
    print([
      row.codec,
      ...[row.largeUp, row.largeDown].map((ms) => `${rate(LARGE_BYTES / MIB, ms)} MiB/s`),
      ...[row.smallUp, row.smallDown].map((ms) => `${rate(small.length, ms)} files/s`),
      row.equal === all.length ? `${row.equal} files equal` : `${all.length - row.equal} FILES DIFFER`,
    ]);
  });
  const [code] = await once(client, 'exit');
  if (code !== 0) throw new Error('The client has failed.');
  return rows;
}

/** @type {(count: number, ms: number) => string} */
function rate(count, ms) {
  return Math.round((count * 1000) / ms).toLocaleString('en');
}

/** @param {string[]} cells */
function print([first = '', ...cells]) {
  console.log([first.padEnd(8), ...cells.map((cell) => cell.padStart(17))].join('').trimEnd());
}
