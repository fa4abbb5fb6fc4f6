/**
 * The calls of the file system that a directory storage makes, as promises. They wrap Node's callbacks, which under
 * load cost a half to a third of what `fs/promises` costs. One object, so that a test can let any call fail.
 */
import fs from 'node:fs';

/** What a call finds out about a file, in nanoseconds and without rounding. */
export type Stats = fs.BigIntStats;

/** Every call, by the system's name for it. */
export const fileCalls = {
  open: (path: string, flags: number, mode: number) =>
    promised<number>((done) => fs.open(path, flags, mode, done)),
  close: (fd: number) => settled((done) => fs.close(fd, done)),
  fstat: (fd: number) => promised<Stats>((done) => fs.fstat(fd, { bigint: true }, done)),
  lstat: (path: string) => promised<Stats>((done) => fs.lstat(path, { bigint: true }, done)),
  stat: (path: string) => promised<Stats>((done) => fs.stat(path, { bigint: true }, done)),
  read: (fd: number, target: Uint8Array, position: number) =>
    promised<number>((done) => fs.read(fd, target, 0, target.length, position, done)),
  writev: (fd: number, pieces: readonly Uint8Array[]) =>
    promised<number>((done) => fs.writev(fd, pieces, done)),
  futimes: (fd: number, accessed: Date, changed: Date) =>
    settled((done) => fs.futimes(fd, accessed, changed, done)),
  fchmod: (fd: number, mode: number) => settled((done) => fs.fchmod(fd, mode, done)),
  fsync: (fd: number) => settled((done) => fs.fsync(fd, done)),
  rename: (from: string, to: string) => settled((done) => fs.rename(from, to, done)),
  link: (from: string, to: string) => settled((done) => fs.link(from, to, done)),
  unlink: (path: string) => settled((done) => fs.unlink(path, done)),
  mkdir: (path: string, mode: number) => settled((done) => fs.mkdir(path, mode, done)),
  mkdirs: (path: string) => settled((done) => fs.mkdir(path, { recursive: true }, (error) => done(error))),
  rmdir: (path: string) => settled((done) => fs.rmdir(path, done)),
  copyFile: (from: string, to: string, flags: number) =>
    settled((done) => fs.copyFile(from, to, flags, done)),
  opendir: (path: string, bufferSize: number) =>
    promised<fs.Dir>((done) => fs.opendir(path, { bufferSize }, done)),
};

/** The calls, or a test's own in their place. */
export type FileCalls = typeof fileCalls;

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
