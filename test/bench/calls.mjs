/**
 * Measures calls of a method: beside `stat`, and how long each takes while a file is downloaded on the same connection:
 * node test/bench/calls.mjs [MiB] [rounds]. `dist/` must be built.
 */
// @ts-check
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { FileClient } from '../../dist/index.js';

const [mib = 1024, rounds = 3] = process.argv.slice(2).map(Number);
const REQUESTS = 10_000;
const AT_ONCE = 64;
const PERIOD_MS = 5;

const root = mkdtempSync(path.join(tmpdir(), 'socket-ftp-calls-'));
writeFileSync(path.join(root, 'large'), '');
truncateSync(path.join(root, 'large'), mib * 1024 * 1024);
const server = fork(fileURLToPath(new URL('calls/server.mjs', import.meta.url)), [root]);
const exited = new AbortController();
server.once('exit', () => exited.abort());
try {
  const [port] = /** @type {[number]} */ (await once(server, 'message', { signal: exited.signal }));
  const client = new FileClient({ port });
  await client.connect();
  for (let round = 0; round < rounds; round += 1) {
    const stats = await perSecond(() => client.stat('large'));
    const calls = await perSecond(() => client.call('empty'));
    console.log(`calls ${calls.toFixed(0)}/s, stat ${stats.toFixed(0)}/s: ${(calls / stats).toFixed(2)}`);
    console.log(`beside nothing    ${quantiles(await latencies(client, pause(2_000)))}`);
    console.log(`beside a download ${quantiles(await latencies(client, download(client)))}`);
  }
  await client.close();
} finally {
  if (server.connected) server.disconnect();
  rmSync(root, { recursive: true });
}

/** Requests a second, 64 at once. @param {() => Promise<unknown>} request */
async function perSecond(request) {
  let left = REQUESTS;
  const startedMs = performance.now();
  const worker = async () => {
    while (left-- > 0) await request();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return REQUESTS / ((performance.now() - startedMs) / 1_000);
}

/** The times in ms of calls while work runs, one every few ms. @param {FileClient} client @param {Promise<void>} work */
async function latencies(client, work) {
  /** @type {number[]} */
  const times = [];
  let isDone = false;
  const ending = work.finally(() => (isDone = true));
  while (!isDone) {
    const startedMs = performance.now();
    await client.call('empty');
    times.push(performance.now() - startedMs);
    await pause(PERIOD_MS);
  }
  await ending;
  return times.sort((a, b) => a - b);
}

/** @param {FileClient} client */
async function download(client) {
  const startedMs = performance.now();
  let bytes = 0;
  for await (const piece of client.download('large')) bytes += /** @type {Buffer} */ (piece).length;
  const seconds = (performance.now() - startedMs) / 1_000;
  console.log(`download ${(bytes / 1024 / 1024 / seconds).toFixed(0)} MiB/s`);
}

/** @param {number} ms @returns {Promise<void>} */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** @param {readonly number[]} times */
function quantiles(times) {
  const at = (/** @type {number} */ share) => (times[Math.floor(times.length * share)] ?? NaN).toFixed(1);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${(times.at(-1) ?? NaN).toFixed(1)} ms of ${times.length} calls`;
}
