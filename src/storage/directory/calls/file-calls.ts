/**
 * The calls of the file system that a directory storage makes, as promises. One object, so that a test can let any call
 * fail, and so that short calls can be made without a thread (`direct-calls.ts`).
 */
import fs from 'node:fs';
import { unlessMissing } from '../../../fs/errno.js';
import { fileTime } from '../../../fs/file-time.js';

/** What a call finds out about a file, in nanoseconds and without rounding. */
export type Stats = fs.BigIntStats;

/** How to look at a file so. */
export const exact = { bigint: true } as const;

/** And without a failure where there is none. */
export const exactIfAny = { bigint: true, throwIfNoEntry: false } as const;

/** Bytes that may have to be freed, or written out, by a short call. */
export const MAX_FREED_BYTES = 1024 * 1024;

/**
 * Every call, by the system's name for it. `bytes`, where that is known, is what the call may have to free or to write
 * out at the most: how long it takes.
 */
export interface FileCalls {
  open: (path: string, flags: number, mode: number) => Promise<number>;
  close: (fd: number, bytes?: number) => Promise<void>;
  fstat: (fd: number) => Promise<Stats>;
  lstat: (path: string) => Promise<Stats>;
  /** `lstat` where it is no failure that nothing is there. */
  lstatIfAny: (path: string) => Promise<Stats | undefined>;
  stat: (path: string) => Promise<Stats>;
  read: (fd: number, target: Uint8Array, position: number) => Promise<number>;
  writev: (fd: number, pieces: readonly Uint8Array[]) => Promise<number>;
  futimes: (fd: number, accessed: Date, changed: Date) => Promise<void>;
  /** Sets the times of a file or directory by its name; those of a link, not of what the link leads to. */
  lutimes: (path: string, accessed: Date, changed: Date) => Promise<void>;
  fchmod: (fd: number, mode: number) => Promise<void>;
  fsync: (fd: number) => Promise<void>;
  rename: (from: string, to: string, bytes?: number) => Promise<void>;
  link: (from: string, to: string) => Promise<void>;
  unlink: (path: string, bytes?: number) => Promise<void>;
  mkdir: (path: string, mode: number) => Promise<void>;
  mkdirs: (path: string) => Promise<void>;
  rmdir: (path: string) => Promise<void>;
  copyFile: (from: string, to: string, flags: number) => Promise<void>;
  opendir: (path: string, bufferSize: number) => Promise<fs.Dir>;
  /** Where short calls may be made in rows, without a promise for each. */
  sequences?: SyncSequences;
}

/** Makes a row of short calls here and now; undefined if that may not be, or the row says so. */
export interface SyncSequences {
  /** Of calls that change nothing. */
  look<T>(row: () => T | undefined): T | undefined;
  /** Of calls that write so many bytes. */
  change<T>(row: () => T | undefined, bytes: number): T | undefined;
}

/** All of them by the thread pool. They wrap Node's callbacks: `fs/promises` costs up to three times as much under load. */
export const fileCalls: FileCalls = {
  open: (path, flags, mode) => promised((done) => fs.open(path, flags, mode, done)),
  close: (fd) => settled((done) => fs.close(fd, done)),
  fstat: (fd) => promised((done) => fs.fstat(fd, exact, done)),
  lstat: (path) => promised((done) => fs.lstat(path, exact, done)),
  lstatIfAny: (path) => unlessMissing(fileCalls.lstat(path)),
  stat: (path) => promised((done) => fs.stat(path, exact, done)),
  read: (fd, target, position) => promised((done) => fs.read(fd, target, 0, target.length, position, done)),
  writev: (fd, pieces) => promised((done) => fs.writev(fd, pieces, done)),
  futimes: (fd, accessed, changed) =>
    settled((done) => fs.futimes(fd, fileTime(accessed), fileTime(changed), done)),
  lutimes: (path, accessed, changed) =>
    settled((done) => fs.lutimes(path, fileTime(accessed), fileTime(changed), done)),
  fchmod: (fd, mode) => settled((done) => fs.fchmod(fd, mode, done)),
  fsync: (fd) => settled((done) => fs.fsync(fd, done)),
  rename: (from, to) => settled((done) => fs.rename(from, to, done)),
  link: (from, to) => settled((done) => fs.link(from, to, done)),
  unlink: (path) => settled((done) => fs.unlink(path, done)),
  mkdir: (path, mode) => settled((done) => fs.mkdir(path, mode, done)),
  mkdirs: (path) => settled((done) => fs.mkdir(path, { recursive: true }, (error) => done(error))),
  rmdir: (path) => settled((done) => fs.rmdir(path, done)),
  copyFile: (from, to, flags) => settled((done) => fs.copyFile(from, to, flags, done)),
  opendir: (path, bufferSize) => promised((done) => fs.opendir(path, { bufferSize }, done)),
};

type Failure = Error | null;

function promised<T>(start: (done: (error: Failure, value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => {
      if (error) reject(error);
      else resolve(value);
    });
  });
}

function settled(start: (done: (error: Failure) => void) => void): Promise<void> {
  return promised<undefined>((done) => start((error) => done(error, undefined)));
}
