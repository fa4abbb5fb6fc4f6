/**
 * The calls of the file system that write a target directory: the same calls synchronously, where that is fast, and through
 * the thread pool. A call through the pool takes 5 to 20 times as long as the call itself.
 */
import fs, { type PathLike, type Stats } from 'node:fs';
import { promisify } from 'node:util';
import { hasErrno } from '../../../../fs/errno.js';
import { fsPath } from './named-place.js';

type Maybe<Value> = Value | Promise<Value>;

/** Paths are local paths of a plan; `fsPath` converts them. */
export interface FileCalls {
  /** Undefined if there is nothing. Does not follow a symbolic link. */
  lstat(path: string): Maybe<Stats | undefined>;
  open(path: string, flags: number, mode?: number): Maybe<number>;
  write(fd: number, bytes: Uint8Array): Maybe<number>;
  chmod(fd: number, mode: number): Maybe<void>;
  utimes(fd: number, mtime: number | string): Maybe<void>;
  sync(fd: number): Maybe<void>;
  close(fd: number): Maybe<void>;
  mkdir(path: string): Maybe<void>;
  rmdir(path: string): Maybe<void>;
  unlink(path: string): Maybe<void>;
  rename(from: string, to: string): Maybe<void>;
}

/** The present time as an access time. */
const now = (): Date => new Date();

export const syncCalls: FileCalls = {
  lstat: (path) => fs.lstatSync(fsPath(path), { throwIfNoEntry: false }),
  open: (path, flags, mode) => fs.openSync(fsPath(path), flags, mode),
  write: (fd, bytes) => fs.writeSync(fd, bytes),
  chmod: (fd, mode) => fs.fchmodSync(fd, mode),
  utimes: (fd, mtime) => fs.futimesSync(fd, now(), mtime),
  sync: (fd) => fs.fsyncSync(fd),
  close: (fd) => fs.closeSync(fd),
  mkdir: (path) => fs.mkdirSync(fsPath(path)),
  rmdir: (path) => fs.rmdirSync(fsPath(path)),
  unlink: (path) => fs.unlinkSync(fsPath(path)),
  rename: (from, to) => fs.renameSync(fsPath(from), fsPath(to)),
};

const openFile = promisify(fs.open) as (path: PathLike, flags: number, mode?: number) => Promise<number>;
const write = promisify(fs.write);
const fchmod = promisify(fs.fchmod);
const futimes = promisify(fs.futimes);
const fsync = promisify(fs.fsync);
const close = promisify(fs.close);

export const asyncCalls: FileCalls = {
  async lstat(path) {
    try {
      return await fs.promises.lstat(fsPath(path));
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) return undefined;
      throw error;
    }
  },
  open: (path, flags, mode) => openFile(fsPath(path), flags, mode),
  write: async (fd, bytes) => (await write(fd, bytes)).bytesWritten,
  chmod: fchmod,
  utimes: (fd, mtime) => futimes(fd, now(), mtime),
  sync: fsync,
  close,
  mkdir: (path) => fs.promises.mkdir(fsPath(path)),
  rmdir: (path) => fs.promises.rmdir(fsPath(path)),
  unlink: (path) => fs.promises.unlink(fsPath(path)),
  rename: (from, to) => fs.promises.rename(fsPath(from), fsPath(to)),
};
