/**
 * The short calls made directly: to tell a thread of the pool of a call, and to be told of its end, takes many times as
 * long as the call itself on a file system of this machine. Whatever may take long is left to threads: large pieces,
 * `fsync`, directories to be read, and everything while a gate is closed.
 *
 *     a call -> short? -> is the gate open: local, fast? -> budget of the turn left? -> here, and its promise is settled
 *                  \----------\-> a thread                               \-> the next turn
 */
import fs from 'node:fs';
import { SyncCallGate } from '../../../sync-fs/sync-call-gate.js';
import { fileTime } from '../../../fs/file-time.js';
import type { LocalMount } from '../../../sync-fs/local-mount.js';
import { bytesOfPieces } from '../../../fs/pieces.js';
import { TickBudget } from '../../../sync-fs/tick-budget.js';
import { exact, exactIfAny, MAX_FREED_BYTES, type FileCalls, type SyncSequences } from './file-calls.js';

/** Bytes that are read without a thread: of a lone download, threads read the next large piece while this one is sent. */
const MAX_READ_BYTES = 128 * 1024;

/** Bytes that are written without a thread: into the cache of the system, from a cache of this processor. */
const MAX_WRITTEN_BYTES = 512 * 1024;

const { O_CREAT, O_TRUNC } = fs.constants;

/** What the calls of one storage have in common. */
interface Common {
  readonly root: Pick<LocalMount, 'isLocal'>;
  readonly turn: TickBudget;
}

/** The calls of one storage: short ones are made here while its root is local, all others by `threads`. */
export function syncCalls(threads: FileCalls, root: Pick<LocalMount, 'isLocal'>): FileCalls {
  const common = { root, turn: new TickBudget() };
  const open = through(common, threads.open)(fs.openSync);
  const make = through(common, threads.open)(fs.openSync);
  return {
    ...threads,
    ...lookingCalls(threads, common),
    ...changingCalls(threads, common),
    open: (path, flags, mode) => (makes(flags) ? make : open)(path, flags, mode),
    sequences: rowsOf(common),
  };
}

function lookingCalls(threads: FileCalls, common: Common): Partial<FileCalls> {
  return {
    lstat: through(common, threads.lstat)((path) => fs.lstatSync(path, exact)),
    // An error would cost more than the call.
    lstatIfAny: through(common, threads.lstatIfAny)((path) => fs.lstatSync(path, exactIfAny)),
    stat: through(common, threads.stat)((path) => fs.statSync(path, exact)),
    fstat: through(common, threads.fstat)((fd) => fs.fstatSync(fd, exact)),
    read: through(common, threads.read)(
      (fd, target, position) => fs.readSync(fd, target, 0, target.length, position),
      { of: (_, target) => target.length, most: MAX_READ_BYTES, moved: true },
    ),
    close: through(common, threads.close)(
      (fd) => fs.closeSync(fd),
      freeing((_, bytes) => bytes),
    ),
  };
}

function changingCalls(threads: FileCalls, common: Common): Partial<FileCalls> {
  return {
    writev: through(common, threads.writev)(fs.writevSync, {
      of: (_, pieces) => bytesOfPieces(pieces),
      most: MAX_WRITTEN_BYTES,
      moved: true,
    }),
    futimes: through(
      common,
      threads.futimes,
    )((fd, accessed, changed) => fs.futimesSync(fd, fileTime(accessed), fileTime(changed))),
    fchmod: through(common, threads.fchmod)(fs.fchmodSync),
    rename: through(common, threads.rename)(
      (from, to) => fs.renameSync(from, to),
      freeing((_, __, bytes) => bytes),
    ),
    link: through(common, threads.link)(fs.linkSync),
    unlink: through(common, threads.unlink)(
      (path) => fs.unlinkSync(path),
      freeing((_, bytes) => bytes),
    ),
    mkdir: through(
      common,
      threads.mkdir,
    )((path, mode) => {
      fs.mkdirSync(path, mode);
    }),
    rmdir: through(common, threads.rmdir)((path) => fs.rmdirSync(path)),
  };
}

/** Makes rows of calls here while their gate is open, and the budget of the turn is not used up. */
function rowsOf({ root, turn }: Common): SyncSequences {
  const [looking, changing] = [new SyncCallGate(root), new SyncCallGate(root)];
  return {
    look: (row) => looking.run(() => (turn.take() ? row() : undefined)),
    change: (row, bytes) => changing.run(() => (turn.take() ? row() : undefined), bytes),
  };
}

function makes(flags: number): boolean {
  return (flags & (O_CREAT | O_TRUNC)) !== 0;
}

/** What decides how long a call may take, where calls of its kind differ in that. */
interface Size<Args extends readonly unknown[]> {
  /** Bytes of a call; Infinity where they are not known. */
  readonly of: (...args: Args) => number;
  /** Bytes of a short one. */
  readonly most: number;
  /** Whether they are moved, which takes its time, and not only freed. */
  readonly moved: boolean;
}

/** Of a call whose last argument says what it may have to free, or to write out. */
function freeing<Args extends readonly unknown[]>(of: (...args: Args) => number | undefined): Size<Args> {
  return { of: (...args) => of(...args) ?? Infinity, most: MAX_FREED_BYTES, moved: false };
}

/**
 * A call that is made here while its gate is open, and where it has a size, if that is small. Each has a gate of its
 * own: where a new name waits for the disk, a look at an old one does not.
 */
function through<Args extends readonly unknown[], T>(
  { root, turn }: Common,
  threads: (...args: Args) => Promise<T>,
): (here: (...args: Args) => T, size?: Size<Args>) => typeof threads {
  const gate = new SyncCallGate(root);
  return (here, size) =>
    async (...args) => {
      let nowMs = performance.now();
      const bytes = size?.of(...args) ?? 0;
      if ((size && bytes > size.most) || !gate.allows(nowMs)) return threads(...args);
      while (!turn.take()) {
        await turn.ended();
        nowMs = performance.now();
      }
      try {
        return here(...args);
      } finally {
        gate.record(nowMs, size?.moved ? bytes : 0);
      }
    };
}
