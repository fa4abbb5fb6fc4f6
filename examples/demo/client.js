// The demo's client, a process of its own: in each codec it uploads everything, downloads it again, and compares.
// @ts-check
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { FileClient } from 'socket-ftp';
import { builtinCodecs } from 'socket-ftp/protocol';
import * as files from './files.js';

/**
 * What was done in one codec: milliseconds, and how many files were the same in the end.
 * @typedef {{ codec: string, largeUp: number, largeDown: number, smallUp: number, smallDown: number, equal: number }} Row
 */

const AT_ONCE = 32;

const [port = '', source = '', target = ''] = process.argv.slice(2);
// The first round of a process is slower than the others, whatever it moves: it does not count.
await moveEverything('binary');
for (const codec of /** @type {import('socket-ftp').CodecName[]} */ (Object.keys(builtinCodecs))) {
  process.send?.(await moveEverything(codec));
}
process.disconnect();

/**
 * @param {import('socket-ftp').CodecName} codec
 * @returns {Promise<Row>}
 */
async function moveEverything(codec) {
  const client = new FileClient({ port: Number(port), codec });
  await client.mkdir('small');
  await mkdir(path.join(target, 'small'), { recursive: true });
  /** @param {string} name */
  const up = (name) => pipeline(createReadStream(path.join(source, name)), client.upload(name));
  /** @param {string} name */
  const down = (name) => pipeline(client.download(name), createWriteStream(path.join(target, name)));

  const largeUp = await timed(() => up(files.large));
  const largeDown = await timed(() => down(files.large));
  const smallUp = await timed(() => forEachAtOnce(files.small, up));
  const smallDown = await timed(() => forEachAtOnce(files.small, down));
  await up(files.text);
  await down(files.text);

  let equal = 0;
  await forEachAtOnce(files.all, async (name) => {
    const digests = [files.digestOf(path.join(source, name)), files.digestOf(path.join(target, name))];
    const [sent, received, stored] = await Promise.all([...digests, client.checksum(name)]);
    if (sent === received && stored === `sha256:${sent}`) equal += 1;
  });
  for (const name of ['small', files.large, files.text]) await client.remove(name, { recursive: true });
  await rm(target, { recursive: true });
  await client.close();
  return { codec, largeUp, largeDown, smallUp, smallDown, equal };
}

/** @param {() => Promise<void>} action */
async function timed(action) {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

/**
 * @param {readonly string[]} names
 * @param {(name: string) => Promise<void>} action
 */
async function forEachAtOnce(names, action) {
  const waiting = names.values();
  const worker = async () => {
    for (const name of waiting) await action(name);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
