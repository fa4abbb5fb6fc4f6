/** The files that are moved, and the folder they are in: on tmpfs where there is room, so that no disk is measured. */
// @ts-check
import { randomFillSync } from 'node:crypto';
import { mkdir, mkdtemp, open, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { smallName } from './workloads.mjs';

const MIB = 1024 * 1024;
const MEMORY = '/dev/shm';

/** The bulk file of a warm-up is smaller. */
export const WARM_UP_MIB = 64;

/**
 * Makes a folder with what is downloaded in `files/`, and an empty `files/up/` and `target/`.
 *
 * @param {{ sizeMiB: number, files: number }} amount
 */
export async function makeFolder({ sizeMiB, files }) {
  // The source, a copy of it, the version that a copy replaces, and the small files twice.
  const neededBytes = (sizeMiB * 3 + WARM_UP_MIB) * MIB + files * 2 * 16 * 1024;
  const folder = await mkdtemp(path.join(await placeFor(neededBytes), 'socket-ftp-bench-'));
  await mkdir(path.join(folder, 'files'));
  await writeBulk(path.join(folder, 'files', 'bulk.bin'), sizeMiB);
  await writeBulk(path.join(folder, 'files', 'warm-up.bin'), WARM_UP_MIB);
  const noise = randomFillSync(Buffer.allocUnsafe(16 * 1024));
  for (let index = 0; index < files; index++) {
    const bytes = noise.subarray(0, 1024 + ((index * 7919) % (15 * 1024 + 1)));
    await writeFile(path.join(folder, 'files', smallName(index)), bytes);
  }
  await emptyTargets(folder);
  return folder;
}

/** Removes what a run has moved. @param {string} folder */
export async function emptyTargets(folder) {
  for (const target of [path.join(folder, 'files', 'up'), path.join(folder, 'target')]) {
    await rm(target, { recursive: true, force: true });
    await mkdir(target);
  }
}

/** @param {number} neededBytes */
async function placeFor(neededBytes) {
  for (const place of [MEMORY, tmpdir()]) {
    const free = await freeBytes(place);
    if (free > neededBytes * 1.1) return place;
  }
  const needed = Math.ceil(neededBytes / MIB);
  throw new TypeError(
    `Neither ${MEMORY} nor ${tmpdir()} has ${needed} MiB of free space: try a smaller --size.`,
  );
}

/** @param {string} place */
async function freeBytes(place) {
  try {
    const { bavail, bsize } = await statfs(place);
    return bavail * bsize;
  } catch {
    return 0;
  }
}

/** @type {(file: string, sizeMiB: number) => Promise<void>} */
async function writeBulk(file, sizeMiB) {
  const noise = randomFillSync(Buffer.allocUnsafe(MIB));
  const handle = await open(file, 'w');
  for (let written = 0; written < sizeMiB; written++) await handle.write(noise);
  await handle.close();
}
