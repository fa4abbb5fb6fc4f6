/** What each contender does, in the way that its users would: workloads are written once, in these methods. */
// @ts-check
import { createWriteStream } from 'node:fs';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/**
 * A client of a contender. A method that a contender lacks is never called: the table of contenders says why.
 * @typedef {object} Session
 * @property {(name: string, to: Writable) => Promise<unknown>} pipe - downloads into a stream
 * @property {(name: string) => AsyncIterable<Buffer>} iterate
 * @property {(name: string, localPath: string) => Promise<unknown>} downloadFile
 * @property {(localPath: string, name: string, options?: { flush: boolean }) => Promise<unknown>} uploadFile
 * @property {(name: string) => Promise<Buffer>} readFile
 * @property {(name: string, data: Buffer) => Promise<unknown>} writeFile
 * @property {(name: string) => Promise<unknown>} stat
 * @property {(name: string) => Promise<number>} list - the number of entries, each with its size and time
 * @property {() => Promise<unknown>} ping
 * @property {() => Promise<unknown>} call - of a method without arguments and without a result
 * @property {() => unknown} close
 */

/** Methods of a contender whose other methods follow from `pipe`, or are missing. @type {(methods: Partial<Session>) => Session} */
export function sessionOf(methods) {
  const { pipe = missing('pipe') } = methods;
  return {
    pipe,
    iterate: missing('iterate'),
    downloadFile: (name, localPath) => pipe(name, createWriteStream(localPath)),
    uploadFile: missing('uploadFile'),
    readFile: (name) => collected((to) => pipe(name, to)),
    writeFile: missing('writeFile'),
    stat: missing('stat'),
    list: missing('list'),
    ping: missing('ping'),
    call: missing('call'),
    close: () => undefined,
    ...methods,
  };
}

/** Methods that download from a readable stream. @type {(open: (name: string) => import('node:stream').Readable) => Pick<Session, 'pipe' | 'iterate'>} */
export function streaming(open) {
  return { pipe: (name, to) => pipeline(open(name), to), iterate: open };
}

/** Everything that is written into a stream. @type {(write: (to: Writable) => Promise<unknown>) => Promise<Buffer>} */
export async function collected(write) {
  /** @type {Buffer[]} */
  const chunks = [];
  await write(
    new Writable({
      write: (/** @type {Buffer} */ chunk, _encoding, done) => {
        chunks.push(chunk);
        done();
      },
    }),
  );
  return Buffer.concat(chunks);
}

/** @type {(method: string) => () => never} */
function missing(method) {
  return () => {
    throw new Error(`it has no ${method}`);
  };
}
