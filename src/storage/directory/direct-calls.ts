/**
 * The short calls made directly: to tell a thread of the pool of a call, and to be told of its end, takes many times as
 * long as the call itself on a file system of this machine. Whatever may take long is left to threads: large pieces,
 * `fsync`, directories to be read, and everything while a gate is closed.
 *
 *     a call -> short? -> is the gate open: local, fast? -> budget of the turn left? -> here, and its promise is settled
 *                  \----------\-> a thread                               \-> the next turn
 */
import fs from 'node:fs';
import { DirectGate } from '../../files/direct-gate.js';
import type { LocalRoot } from '../../files/local-root.js';
import { TurnBudget } from '../../files/turn-budget.js';
import type { FileCalls } from './file-calls.js';

/** Bytes that are read without a thread: of a lone download, threads read the next large piece while this one is sent. */
const MAX_READ_BYTES = 128 * 1024;

/** Bytes that are written without a thread: into the cache of the system, from a cache of this processor. */
const MAX_WRITTEN_BYTES = 512 * 1024;

/** Bytes that may have to be freed, or written out, when a file loses a name or its last handle. */
const MAX_FREED_BYTES = 1024 * 1024;

const { O_CREAT, O_TRUNC } = fs.constants;

/** What the calls of one storage have in common. */
interface Common {
  readonly root: Pick<LocalRoot, 'isLocal'>;
  readonly turn: TurnBudget;
}

const exact = { bigint: true } as const;

const exactIfAny = { bigint: true, throwIfNoEntry: false } as const;

/** The calls of one storage: short ones are made here while its root is local, all others by `threads`. */
export function directCalls(threads: FileCalls, root: Pick<LocalRoot, 'isLocal'>): FileCalls {
  const common = { root, turn: new TurnBudget() };
  const open = through(common, threads.open)(fs.openSync);
  const make = through(common, threads.open)(fs.openSync);
  return {
    ...threads,
    ...lookingCalls(threads, common),
    ...changingCalls(threads, common),
    open: (path, flags, mode) => (makes(flags) ? make : open)(path, flags, mode),
    directly: rows(common),
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
      (_, target) => target.length <= MAX_READ_BYTES,
      (_, target) => target.length,
    ),
    close: through(common, threads.close)(
      (fd) => fs.closeSync(fd),
      (_, bytes) => freesLittle(bytes),
    ),
  };
}

function changingCalls(threads: FileCalls, common: Common): Partial<FileCalls> {
  return {
    writev: through(common, threads.writev)(
      fs.writevSync,
      (_, pieces) => bytesOf(pieces) <= MAX_WRITTEN_BYTES,
      (_, pieces) => bytesOf(pieces),
    ),
    futimes: through(common, threads.futimes)(fs.futimesSync),
    fchmod: through(common, threads.fchmod)(fs.fchmodSync),
    rename: through(common, threads.rename)(
      (from, to) => fs.renameSync(from, to),
      (_, __, bytes) => freesLittle(bytes),
    ),
    link: through(common, threads.link)(fs.linkSync),
    unlink: through(common, threads.unlink)(
      (path) => fs.unlinkSync(path),
      (_, bytes) => freesLittle(bytes),
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
function rows({ root, turn }: Common): <T>(row: () => T | undefined) => T | undefined {
  const gate = new DirectGate(root);
  return (row) => {
    const nowMs = performance.now();
    if (!gate.isOpen(nowMs) || !turn.take()) return undefined;
    try {
      return row();
    } finally {
      gate.left(nowMs);
    }
  };
}

function makes(flags: number): boolean {
  return (flags & (O_CREAT | O_TRUNC)) !== 0;
}

function bytesOf(pieces: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const piece of pieces) bytes += piece.length;
  return bytes;
}

function freesLittle(bytes = Infinity): boolean {
  return bytes <= MAX_FREED_BYTES;
}

/**
 * A call that is made here while its gate is open, and unless it `isShort` only at times and is not this time; what it
 * `moves` takes its time. Each has a gate of its own: where a new name waits for the disk, a look at an old one does not.
 */
function through<Args extends readonly unknown[], T>(
  { root, turn }: Common,
  threads: (...args: Args) => Promise<T>,
): (
  here: (...args: Args) => T,
  isShort?: (...args: Args) => boolean,
  moves?: (...args: Args) => number,
) => typeof threads {
  const gate = new DirectGate(root);
  return (here, isShort, moves) =>
    async (...args) => {
      let nowMs = performance.now();
      if (!gate.isOpen(nowMs) || isShort?.(...args) === false) return threads(...args);
      while (!turn.take()) {
        await turn.ended();
        nowMs = performance.now();
      }
      try {
        return here(...args);
      } finally {
        gate.left(nowMs, moves?.(...args));
      }
    };
}
