/**
 * The system calls of a directory storage, as promises. They form one object so that a test can make any call fail, and
 * so that short calls can run synchronously (`sync-calls.ts`).
 */
import fs from 'node:fs';
import { unlessMissing } from '../../../fs/errno.js';
import { fileTime, fileTimeOf } from '../../../fs/file-time.js';

/** Metadata of a file, with times in nanoseconds. */
export type Stats = fs.BigIntStats;

export const exact = { bigint: true } as const;

export const exactIfAny = { bigint: true, throwIfNoEntry: false } as const;

// Without O_NONBLOCK, opening a FIFO blocks a thread until a writer opens it too. Without O_NOCTTY, a terminal may become
// the controlling terminal of this process.
const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = fs.constants;

/** The flags for opening a path that a client has named. */
export const READ_FLAGS = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;

/** Most bytes that a synchronous call may have to free or write out. */
export const MAX_FREED_BYTES = 1024 * 1024;

/**
 * Every call, by its system name. `bytes`, where known, is the most that the call may have to free or write out, which
 * decides how long it takes.
 */
export interface FileCalls {
  open: (path: string, flags: number, mode: number) => Promise<number>;
  access: (path: string, mode: number) => Promise<void>;
  close: (fd: number, bytes?: number) => Promise<void>;
  fstat: (fd: number) => Promise<Stats>;
  lstat: (path: string) => Promise<Stats>;
  /** As `lstat`, but resolves with undefined if nothing exists at the path. */
  lstatIfAny: (path: string) => Promise<Stats | undefined>;
  stat: (path: string) => Promise<Stats>;
  read: (fd: number, target: Uint8Array, position: number) => Promise<number>;
  writev: (fd: number, pieces: readonly Uint8Array[]) => Promise<number>;
  futimes: (fd: number, accessed: Date, changed: Date) => Promise<void>;
  /** Sets the times of a file or directory by its name; those of a link, not of what the link leads to. */
  lutimes: (path: string, accessed: Date, changed: Date) => Promise<void>;
  /** Sets the times of a file or directory back to those in `stats`, to the microsecond. */
  resetTimes: (path: string, stats: Stats) => Promise<void>;
  /** Follows a link at the path. */
  chmod: (path: string, mode: number) => Promise<void>;
  fchmod: (fd: number, mode: number) => Promise<void>;
  fchown: (fd: number, uid: number, gid: number) => Promise<void>;
  ftruncate: (fd: number, size: number) => Promise<void>;
  fsync: (fd: number) => Promise<void>;
  rename: (from: string, to: string, bytes?: number) => Promise<void>;
  link: (from: string, to: string) => Promise<void>;
  unlink: (path: string, bytes?: number) => Promise<void>;
  mkdir: (path: string, mode: number) => Promise<void>;
  mkdirs: (path: string) => Promise<void>;
  rmdir: (path: string) => Promise<void>;
  copyFile: (from: string, to: string, flags: number) => Promise<void>;
  opendir: (path: string, bufferSize: number) => Promise<fs.Dir>;
  /** Runs synchronous call sequences; undefined where every call uses a thread. */
  sequences?: SyncSequences;
}

/** Runs a synchronous call sequence, unless calls are slow at the moment; then the result is undefined. */
export interface SyncSequences {
  /** Waits until the tick has room for a sequence, so that many at once do not take the slower way. Undefined if it has. */
  turn(): Promise<void> | undefined;
  /** Runs one call that looks at the metadata of a file. */
  stat<T>(look: () => T | undefined): T | undefined;
  /** Runs calls that change nothing. */
  read<T>(sequence: () => T | undefined): T | undefined;
  /**
   * Runs one part of a long work that changes nothing, in the next tick that has room for it. The result says how many calls
   * the part has made.
   */
  readInTurn<T extends { readonly calls: number }>(part: () => T): Promise<T | undefined>;
  /** Runs calls that write this many bytes. */
  write<T>(sequence: () => T | undefined, bytes: number): T | undefined;
}

/** All calls in the thread pool. They wrap Node's callbacks: under load, `fs/promises` costs up to three times as much. */
export const fileCalls: FileCalls = {
  open: (path, flags, mode) => promise((done) => fs.open(path, flags, mode, done)),
  access: (path, mode) => promiseVoid((done) => fs.access(path, mode, done)),
  close: (fd) => promiseVoid((done) => fs.close(fd, done)),
  fstat: (fd) => promise((done) => fs.fstat(fd, exact, done)),
  lstat: (path) => promise((done) => fs.lstat(path, exact, done)),
  lstatIfAny: (path) => unlessMissing(fileCalls.lstat(path)),
  stat: (path) => promise((done) => fs.stat(path, exact, done)),
  read: (fd, target, position) => promise((done) => fs.read(fd, target, 0, target.length, position, done)),
  writev: (fd, pieces) => promise((done) => fs.writev(fd, pieces, done)),
  futimes: (fd, accessed, changed) =>
    promiseVoid((done) => fs.futimes(fd, fileTime(accessed), fileTime(changed), done)),
  lutimes: (path, accessed, changed) =>
    promiseVoid((done) => fs.lutimes(path, fileTime(accessed), fileTime(changed), done)),
  resetTimes: (path, { atimeNs, mtimeNs }) =>
    promiseVoid((done) => fs.lutimes(path, fileTimeOf(atimeNs), fileTimeOf(mtimeNs), done)),
  chmod: (path, mode) => promiseVoid((done) => fs.chmod(path, mode, done)),
  fchmod: (fd, mode) => promiseVoid((done) => fs.fchmod(fd, mode, done)),
  fchown: (fd, uid, gid) => promiseVoid((done) => fs.fchown(fd, uid, gid, done)),
  ftruncate: (fd, size) => promiseVoid((done) => fs.ftruncate(fd, size, done)),
  fsync: (fd) => promiseVoid((done) => fs.fsync(fd, done)),
  rename: (from, to) => promiseVoid((done) => fs.rename(from, to, done)),
  link: (from, to) => promiseVoid((done) => fs.link(from, to, done)),
  unlink: (path) => promiseVoid((done) => fs.unlink(path, done)),
  mkdir: (path, mode) => promiseVoid((done) => fs.mkdir(path, mode, done)),
  mkdirs: (path) => promiseVoid((done) => fs.mkdir(path, { recursive: true }, (error) => done(error))),
  rmdir: (path) => promiseVoid((done) => fs.rmdir(path, done)),
  copyFile: (from, to, flags) => promiseVoid((done) => fs.copyFile(from, to, flags, done)),
  opendir: (path, bufferSize) => promise((done) => fs.opendir(path, { bufferSize }, done)),
};

function promise<T>(start: (done: (error: Error | null, value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => {
      if (error) reject(error);
      else resolve(value);
    });
  });
}

function promiseVoid(start: (done: (error: Error | null) => void) => void): Promise<void> {
  return promise<undefined>((done) => start((error) => done(error, undefined)));
}
