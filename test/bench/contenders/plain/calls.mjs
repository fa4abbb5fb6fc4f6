/** The calls of the file system that are needed, asynchronous by callbacks, which cost least, or synchronous. */
// @ts-check
import * as fs from 'node:fs';
import { promisify } from 'node:util';

/** @template Value @typedef {Value | Promise<Value>} Maybe */

/**
 * @typedef {object} Calls
 * @property {boolean} isSync
 * @property {(file: string, flags: 'r' | 'w') => Maybe<number>} open
 * @property {(fd: number) => Maybe<void>} close
 * @property {(fd: number) => Maybe<number>} size
 * @property {(fd: number, into: Buffer, position: number) => Maybe<number>} read
 * @property {(fd: number, from: Buffer, position: number) => Maybe<unknown>} write
 * @property {(file: string) => Maybe<fs.Stats>} stat
 * @property {(directory: string) => Maybe<string[]>} readdir
 */

const fstat = promisify(fs.fstat);

/** @type {Calls} */
const asynchronous = {
  isSync: false,
  open: promisify(
    /** @type {(file: string, flags: string, done: (error: Error | null, fd: number) => void) => void} */ (
      fs.open
    ),
  ),
  close: promisify(fs.close),
  size: async (fd) => (await fstat(fd)).size,
  read: (fd, into, position) =>
    new Promise((resolve, reject) => {
      fs.read(fd, into, 0, into.length, position, (error, bytes) => (error ? reject(error) : resolve(bytes)));
    }),
  write: (fd, from, position) =>
    new Promise((resolve, reject) => {
      fs.write(fd, from, 0, from.length, position, (error, bytes) =>
        error ? reject(error) : resolve(bytes),
      );
    }),
  stat: promisify(fs.stat),
  readdir: promisify(fs.readdir),
};

/** @type {Calls} */
const synchronous = {
  isSync: true,
  open: fs.openSync,
  close: fs.closeSync,
  size: (fd) => fs.fstatSync(fd).size,
  read: (fd, into, position) => fs.readSync(fd, into, 0, into.length, position),
  write: (fd, from, position) => fs.writeSync(fd, from, 0, from.length, position),
  stat: (file) => fs.statSync(file),
  readdir: (directory) => fs.readdirSync(directory),
};

/** @param {boolean} isSync */
export function callsOf(isSync) {
  return isSync ? synchronous : asynchronous;
}
