/** The client of the growth bench: knows every job, each on one connection unless it says otherwise. */
// @ts-check
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { FileClient } from 'socket-ftp';
import { forEachAtOnce } from './at-once.mjs';
import { serveJobs } from './metered.mjs';

const MIB = 1024 * 1024;

const { port } = JSON.parse(process.argv[2] ?? '{}');
const client = new FileClient({ port });
/** @type {FileClient[]} */
const others = [];

serveJobs(
  { list, listSlowly, stat, download, upload, remove, bulkDown, bulkUp, connect, oneMore, idle, drop },
  () => client.destroy(),
);
process.send?.('ready');

/** Lists a directory so often. @param {{ path: string, recursive?: boolean, times?: number }} what */
async function list({ path, recursive = false, times = 1 }) {
  let entries = 0;
  let firstMs = Infinity;
  for (let time = 0; time < times; time++) {
    const start = performance.now();
    let isFirst = true;
    for await (const _ of client.list(path, { recursive })) {
      if (isFirst) firstMs = Math.min(firstMs, performance.now() - start);
      isFirst = false;
      entries += 1;
    }
  }
  return { items: entries, firstMs };
}

/** Reads a listing in small parts with pauses, and gives it up. @param {{ path: string, entries: number }} what */
async function listSlowly({ path, entries }) {
  let items = 0;
  for await (const _ of client.list(path)) {
    if (++items % 100 === 0) await pause(5);
    if (items === entries) break;
  }
  return { items };
}

/** @typedef {{ names: string[], atOnce?: number }} Names */

/** @param {Names} what */
function stat({ names, atOnce = 16 }) {
  return forEachOf(names, atOnce, (name) => client.stat(name));
}

/** @param {Names} what */
function download({ names, atOnce = 16 }) {
  return forEachOf(names, atOnce, (name) => client.readFile(name));
}

/** @param {Names} what */
function upload({ names, atOnce = 16 }) {
  return forEachOf(names, atOnce, (name) => client.writeFile(name, 'some bytes'));
}

/** @param {Names} what */
function remove({ names, atOnce = 16 }) {
  return forEachOf(names, atOnce, (name) => client.remove(name));
}

/** @type {(names: string[], atOnce: number, action: (name: string) => Promise<unknown>) => Promise<object>} */
async function forEachOf(names, atOnce, action) {
  await forEachAtOnce(names.length, atOnce, (index) => action(names[index] ?? ''));
  return { items: names.length };
}

/** Downloads to nowhere. @param {{ path: string, offset?: number, times?: number }} what */
async function bulkDown({ path, offset = 0, times = 1 }) {
  let firstMs = Infinity;
  let bytes = 0;
  for (let time = 0; time < times; time++) {
    const start = performance.now();
    let isFirst = true;
    for await (const data of client.download(path, { offset })) {
      const chunk = /** @type {Buffer} */ (data);
      if (isFirst) firstMs = Math.min(firstMs, performance.now() - start);
      isFirst = false;
      bytes += chunk.length;
    }
  }
  return { items: bytes / MIB, firstMs };
}

/** Uploads so many bytes out of nowhere. @param {{ path: string, bytes: number, times?: number }} what */
async function bulkUp({ path, bytes, times = 1 }) {
  const chunk = Buffer.alloc(256 * 1024, 'socket-ftp');
  for (let time = 0; time < times; time++) {
    const source = function* () {
      for (let left = bytes; left > 0; left -= chunk.length) yield chunk.subarray(0, left);
    };
    await pipeline(Readable.from(source()), client.upload(path));
  }
  return { items: (bytes / MIB) * times };
}

/** Opens so many connections more, and keeps them. @param {{ count: number }} what */
async function connect({ count }) {
  const added = Array.from({ length: count }, () => new FileClient({ port }));
  others.push(...added);
  await forEachAtOnce(count, 32, async (index) => added[index]?.connect());
  return { items: count };
}

/** Connects, asks once and goes, so often. @param {{ times: number }} what */
async function oneMore({ times }) {
  for (let time = 0; time < times; time++) {
    const other = new FileClient({ port });
    await other.stat('/');
    await other.close();
  }
  return { items: times };
}

/** Does nothing. @param {{ ms: number }} what */
async function idle({ ms }) {
  await pause(ms);
  return { items: Math.max(1, others.length) };
}

/** Ends all connections but one. */
async function drop() {
  await Promise.all(others.splice(0).map((other) => other.close()));
}
