/**
 * Removes what killed processes have left in a directory and no later call can use:
 *
 *     a note without its part       killed between the rename of the part and the removal of the note
 *     a part that has another name  killed between the link to the target and the removal of the part
 *     a part without bytes or note  killed before the first byte; after an hour, because another machine may write it
 *     a small file                  killed between its creation and its rename; after an hour, for the same reason
 *
 * Parts that can be resumed stay, and parts that are locked.
 */
import { constants, type BigIntStats } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { unlessMissing } from '../../../fs/errno.js';
import { isOwner, isSameFile } from './acquired-part.js';
import { LOCK_FLAG, lockFile } from './lock-file.js';
import { isOfPart, readPartMetadata, removePartMetadata } from './part-metadata.js';
import { isTemporaryName, partNamesOfLeftover, pathsOf, type PartNames } from './part-names.js';
import { runningSweeps } from './running-sweeps.js';
import { systemClock } from '../../../clock.js';

const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;

const MIN_UNUSED_MS = 3_600_000;

/** A directory is listed again after this multiple of the time that listing it took. */
const PAUSE_FACTOR = 20;

const MAX_DIRECTORIES = 1_000;

/** When a directory may be swept again. */
const nextSweepMs = new Map<string, number>();

/** Sweeps a directory (a path without symbolic links) as far as possible, unless that was done a moment ago. */
export async function sweepParts(directory: string): Promise<void> {
  const startedMs = systemClock();
  if (startedMs < (nextSweepMs.get(directory) ?? 0)) return;
  nextSweepMs.delete(directory);
  const [oldest] = nextSweepMs.keys();
  if (nextSweepMs.size >= MAX_DIRECTORIES && oldest !== undefined) nextSweepMs.delete(oldest);
  nextSweepMs.set(directory, Infinity);
  // Without permission to list the directory, its files stay.
  const names = await fs.readdir(directory).catch(() => []);
  const listed = new Set(names);
  for (const name of names) {
    const found = partNamesOfLeftover(directory, name);
    if (!found || (name === found.note && listed.has(found.part))) continue;
    const paths = pathsOf(directory, found);
    // Another process may have removed or taken it meanwhile.
    const running = sweep(paths, name === found.part).catch(() => undefined);
    runningSweeps.set(paths.part, running);
    await running;
    runningSweeps.delete(paths.part);
  }
  const endedMs = systemClock();
  nextSweepMs.set(directory, endedMs + (endedMs - startedMs) * PAUSE_FACTOR);
}

async function sweep(paths: PartNames, hasPart: boolean): Promise<void> {
  if (hasPart) {
    const stats = await fs.lstat(paths.part, { bigint: true });
    if (!(await isUseless(stats, paths))) return;
  }
  // A part of this process: as long as it is locked, no other call can begin to write the note.
  const flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | LOCK_FLAG | (hasPart ? 0 : O_CREAT | O_EXCL);
  const handle = await fs.open(paths.part, flags, 0o600);
  try {
    const opened = await handle.stat({ bigint: true });
    const unlock = await lockFile(opened);
    try {
      const stats = await fs.lstat(paths.part, { bigint: true });
      if (!isSameFile(opened, stats)) return;
      const isLeftOver = hasPart ? await isUseless(stats, paths) : await isOfPart(paths.note, undefined);
      if (!isLeftOver) return hasPart ? undefined : await unlessMissing(fs.unlink(paths.part));
      await removePartMetadata(paths.note);
      await unlessMissing(fs.unlink(paths.part));
    } finally {
      await unlock();
    }
  } finally {
    await handle.close();
  }
}

async function isUseless(stats: BigIntStats, paths: PartNames): Promise<boolean> {
  if (!isOwner(stats) || !(await isOfPart(paths.note, stats))) return false;
  const isTemporary = isTemporaryName(path.basename(paths.part));
  if (stats.nlink > 1n && !isTemporary) return isNamedAlsoHere(stats, paths);
  if (Date.now() - Number(stats.ctimeMs) < MIN_UNUSED_MS) return false;
  return isTemporary || stats.size === 0n || (await readPartMetadata(paths.note)) === undefined;
}

/** Whether the target is the same file as its part. */
async function isNamedAlsoHere(stats: BigIntStats, paths: PartNames): Promise<boolean> {
  const target = path.basename(paths.part).replace(/^\.|\.[0-9a-f]{12}\.socket-ftp-part$/g, '');
  const other = await unlessMissing(fs.lstat(path.join(path.dirname(paths.part), target), { bigint: true }));
  return isSameFile(stats, other);
}
