/** The files that are moved, and where they are: in memory where there is room, so that no disk is measured. */
// @ts-check
import { randomFillSync } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, open, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PAGES, PAGE_BYTES, SMALL, largeFiles, smallName } from '../workloads/amounts.mjs';

const MIB = 1024 * 1024;
const MEMORY = '/dev/shm';
const TMPFS = 0x01021994;

/** Linux: the folder for `--disk` if the system's folder for temporary files is in memory. */
const DISK = '/var/tmp';

/**
 * Where the files are.
 * @typedef {object} Places
 * @property {string} root - what servers serve: `bulk.bin` and others, `small/`, `pages/`, and `up/` for uploads
 * @property {string} target - where downloads go
 * @property {string} scratch - for the settings of servers
 * @property {string} folder - what holds all of these
 */

/** Makes the folders, and the files in them. @type {(amount: { sizeMiB: number, files: number, isOnDisk?: boolean }) => Promise<Places>} */
export async function makePlaces({ sizeMiB, files, isOnDisk = false }) {
  const large = Object.entries(largeFiles(sizeMiB));
  const largeMiB = large.reduce((sum, [, ofThis]) => sum + ofThis, 0);
  // The sources, a copy of one, the version that a copy replaces, and the small files three times.
  const neededBytes = (largeMiB + sizeMiB * 2) * MIB + files * 3 * 16 * 1024;
  const disk = (await isMemory(tmpdir())) ? DISK : tmpdir();
  const parent = await placeFor(neededBytes, isOnDisk ? [disk] : [MEMORY, tmpdir()]);
  const folder = await mkdtemp(path.join(parent, 'socket-ftp-bench-'));
  const places = {
    folder,
    root: path.join(folder, 'files'),
    target: path.join(folder, 'target'),
    scratch: path.join(folder, 'scratch'),
  };
  await mkdir(places.root);
  await mkdir(places.scratch);
  for (const [name, ofThis] of large) await writeNoise(path.join(places.root, name), ofThis * MIB);
  await writeSmall(path.join(places.root, SMALL), files, sizeOf);
  await writeSmall(path.join(places.root, PAGES), files, () => PAGE_BYTES);
  await emptyTargets(places);
  return places;
}

/** Makes the folders that runs write to, without what is in them. @type {(places: Places) => Promise<void>} */
export async function emptyTargets({ root, target }) {
  for (const folder of [path.join(root, 'up'), target]) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
  }
}

/** Removes everything. @type {(places: Places) => Promise<void>} */
export async function removePlaces({ folder }) {
  await rm(folder, { recursive: true });
}

/** The same, for a process that is about to end. @type {(places: Places) => void} */
export function removePlacesNow({ folder }) {
  rmSync(folder, { recursive: true, force: true });
}

/** @type {(neededBytes: number, places: readonly string[]) => Promise<string>} */
async function placeFor(neededBytes, places) {
  for (const place of places) {
    const { bavail, bsize } = await statfs(place).catch(() => ({ bavail: 0, bsize: 0 }));
    if (bavail * bsize > neededBytes * 1.1) return place;
  }
  const needed = Math.ceil(neededBytes / MIB);
  throw new TypeError(`There are no ${needed} MiB free in ${places.join(' or ')}: try a smaller --size.`);
}

/** @type {(place: string) => Promise<boolean>} */
async function isMemory(place) {
  return (await statfs(place)).type === TMPFS;
}

/** @type {(file: string, bytes: number) => Promise<void>} */
async function writeNoise(file, bytes) {
  const noise = randomFillSync(Buffer.allocUnsafe(MIB));
  const handle = await open(file, 'w');
  for (let at = 0; at < bytes; at += MIB) await handle.write(noise, 0, Math.min(MIB, bytes - at));
  await handle.close();
}

/** @type {(folder: string, files: number, sizeOfFile: (index: number) => number) => Promise<void>} */
async function writeSmall(folder, files, sizeOfFile) {
  await mkdir(folder);
  const noise = randomFillSync(Buffer.allocUnsafe(16 * 1024));
  for (let index = 0; index < files; index++) {
    await writeFile(path.join(folder, smallName(index)), noise.subarray(0, sizeOfFile(index)));
  }
}

/** From 1 to 16 KiB. @param {number} index */
function sizeOf(index) {
  return 1024 + ((index * 7919) % (15 * 1024 + 1));
}
