/**
 * Runs short system calls synchronously: on a local file system, handing a call to a thread of the pool and waiting for
 * its end takes many times as long as the call. Calls that may take long use a thread: large reads and writes, `fsync`,
 * listing a directory, and every call while its gate is closed.
 *
 *     a call -> short? -> gate open: local, fast? -> calls left in this tick? -> run now, return a settled promise
 *                  \----------\-> a thread                               \-> the next tick
 */
import fs from 'node:fs';
import { systemClock } from '../../../clock.js';
import { SyncCallGate } from '../../../sync-fs/sync-call-gate.js';
import { fileTime, fileTimeOf } from '../../../fs/file-time.js';
import type { LocalMount } from '../../../sync-fs/local-mount.js';
import { bytesOfPieces } from '../../../fs/pieces.js';
import { TickBudget } from '../../../sync-fs/tick-budget.js';
import { exact, exactIfAny, MAX_FREED_BYTES, type FileCalls, type SyncSequences } from './file-calls.js';

/** Largest synchronous read in bytes: a chunk of a download. Read by a thread, it would be in the cache of another core. */
const MAX_READ_BYTES = 256 * 1024;

/** Largest synchronous write in bytes: into the page cache, from the cache of this processor. */
const MAX_WRITTEN_BYTES = 512 * 1024;

const { O_CREAT, O_TRUNC } = fs.constants;

/** The number of bytes that decides how long a call takes. */
interface CallSize<Args extends readonly unknown[]> {
  /** Bytes of a call; Infinity if they are unknown. */
  readonly of: (...args: Args) => number;
  /** Calls with more bytes use a thread. */
  readonly max: number;
  /** Whether the call copies the bytes, which takes time, and does not only free them. */
  readonly copies: boolean;
}

const readSize: CallSize<Parameters<FileCalls['read']>> = {
  of: (_fd, target) => target.length,
  max: MAX_READ_BYTES,
  copies: true,
};

const writeSize: CallSize<Parameters<FileCalls['writev']>> = {
  of: (_fd, pieces) => bytesOfPieces(pieces),
  max: MAX_WRITTEN_BYTES,
  copies: true,
};

/** The size of a call whose last argument is the number of bytes to free, or to write out. */
function freedSize<Args extends readonly unknown[]>(of: (...args: Args) => number): CallSize<Args> {
  return { of, max: MAX_FREED_BYTES, copies: false };
}

/** The calls of one storage: short ones run synchronously while `root` is local, all others in `threads`. */
export function syncCalls(threads: FileCalls, root: Pick<LocalMount, 'isLocal'>): FileCalls {
  const ticks = new TickBudget();
  const sync = syncCall(root, ticks);
  const open = sync(threads.open, fs.openSync);
  const create = sync(threads.open, fs.openSync);
  return {
    ...threads,
    ...changingCalls(threads, sync),
    open: (path, flags, mode) => (flags & (O_CREAT | O_TRUNC) ? create : open)(path, flags, mode),
    access: sync(threads.access, fs.accessSync),
    close: sync(
      threads.close,
      (fd) => fs.closeSync(fd),
      freedSize((_fd, bytes = Infinity) => bytes),
    ),
    lstat: sync(threads.lstat, (path) => fs.lstatSync(path, exact)),
    // An error would cost more than the call.
    lstatIfAny: sync(threads.lstatIfAny, (path) => fs.lstatSync(path, exactIfAny)),
    stat: sync(threads.stat, (path) => fs.statSync(path, exact)),
    fstat: sync(threads.fstat, (fd) => fs.fstatSync(fd, exact)),
    read: sync(
      threads.read,
      (fd, target, position) => fs.readSync(fd, target, 0, target.length, position),
      readSize,
    ),
    sequences: syncSequences(root, ticks),
  };
}

function changingCalls(threads: FileCalls, sync: ReturnType<typeof syncCall>): Partial<FileCalls> {
  return {
    writev: sync(threads.writev, fs.writevSync, writeSize),
    futimes: sync(threads.futimes, (fd, accessed, changed) =>
      fs.futimesSync(fd, fileTime(accessed), fileTime(changed)),
    ),
    resetTimes: sync(threads.resetTimes, (path, { atimeNs, mtimeNs }) =>
      fs.lutimesSync(path, fileTimeOf(atimeNs), fileTimeOf(mtimeNs)),
    ),
    chmod: sync(threads.chmod, fs.chmodSync),
    fchmod: sync(threads.fchmod, fs.fchmodSync),
    fchown: sync(threads.fchown, fs.fchownSync),
    rename: sync(
      threads.rename,
      (from, to) => fs.renameSync(from, to),
      freedSize((_from, _to, bytes = Infinity) => bytes),
    ),
    link: sync(threads.link, fs.linkSync),
    unlink: sync(
      threads.unlink,
      (path) => fs.unlinkSync(path),
      freedSize((_path, bytes = Infinity) => bytes),
    ),
    mkdir: sync(threads.mkdir, (path, mode) => {
      fs.mkdirSync(path, mode);
    }),
    rmdir: sync(threads.rmdir, (path) => fs.rmdirSync(path)),
  };
}

/**
 * Makes calls that run synchronously while their gate is open and their size is small. Each call has a gate of its own:
 * where creating a file waits for the disk, `lstat` does not.
 */
function syncCall(root: Pick<LocalMount, 'isLocal'>, ticks: TickBudget) {
  return <Args extends readonly unknown[], T>(
    pooled: (...args: Args) => Promise<T>,
    call: (...args: Args) => T,
    size?: CallSize<Args>,
  ): typeof pooled => {
    const gate = new SyncCallGate(root);
    return async (...args) => {
      let nowMs = systemClock();
      const bytes = size?.of(...args) ?? 0;
      if ((size && bytes > size.max) || !gate.allows(nowMs)) return pooled(...args);
      while (!ticks.take()) {
        await ticks.ended();
        nowMs = systemClock();
      }
      try {
        return call(...args);
      } finally {
        gate.record(nowMs, size?.copies ? bytes : 0);
      }
    };
  };
}

function syncSequences(root: Pick<LocalMount, 'isLocal'>, ticks: TickBudget): SyncSequences {
  const gate = (): SyncCallGate => new SyncCallGate(root);
  const [stats, reads, writes, parts] = [gate(), gate(), gate(), gate()];
  return {
    turn: () => ticks.room(),
    stat: (look) => stats.run(() => (ticks.take() ? look() : undefined)),
    read: (sequence) => reads.run(() => (ticks.take() ? sequence() : undefined)),
    readInTurn: async (part) => {
      let nowMs = systemClock();
      if (!parts.allows(nowMs)) return undefined;
      while (!ticks.take()) {
        await ticks.ended();
        nowMs = systemClock();
      }
      let calls = 1;
      try {
        const made = part();
        ({ calls } = made);
        return made;
      } finally {
        ticks.add(calls - 1);
        parts.record(nowMs, 0, calls);
      }
    },
    write: (sequence, bytes) => writes.run(() => (ticks.take() ? sequence() : undefined), bytes),
  };
}
