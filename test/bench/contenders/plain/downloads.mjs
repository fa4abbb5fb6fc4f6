/** What a client does with the answer to a download. */
// @ts-check
import { finished } from 'node:stream/promises';
import { SMALL_BYTES } from './small-files.mjs';

/** @import { Writable } from 'node:stream' */
/** @import { Calls } from './calls.mjs' */
/** @import { Input } from './input.mjs' */
/** @import { Take } from './requests.mjs' */
/** @import { SmallFiles } from './small-files.mjs' */

/** @type {Take} */
export function toNothing() {
  return { value: undefined };
}

/** @type {(input: Input, size: number) => Promise<{ value: Buffer }>} */
export async function readInto(input, size) {
  return { value: await input.copied(size) };
}

/** Into a stream: a small body at once, while the next answer is taken; a large one chunk by chunk. @type {(to: Writable) => Take} */
export function pipeTo(to) {
  return async (input, size) => {
    const done = finished(to);
    done.catch(() => undefined);
    if (size <= SMALL_BYTES) {
      to.end(await input.copied(size));
    } else {
      await input.body(size, (chunk) => accepted(to, chunk));
      to.end();
    }
    return { value: done };
  };
}

/** The stream no longer needs a chunk when it says so. @type {(to: Writable, chunk: Buffer) => Promise<void>} */
function accepted(to, chunk) {
  return new Promise((resolve, reject) => {
    to.write(chunk, (error) => (error ? reject(error) : resolve()));
  });
}

/** Into a file; a small one is written while the next answer is taken. @type {(localPath: string, by: { calls: Calls, files: SmallFiles }) => Take} */
export function downloadTo(localPath, { calls, files }) {
  return (input, size) => {
    if (size > SMALL_BYTES) return receiveFile(input, size, { localPath, calls });
    const body = calls.isSync ? input.bytesNow(size) : undefined;
    if (body) return { value: files.write(localPath, body) };
    return input.copied(size).then((copy) => ({ value: files.write(localPath, copy) }));
  };
}

/** Takes a body into a file; both ends do it. @type {(input: Input, size: number, to: { localPath: string, calls: Calls }) => Promise<{ value: undefined }>} */
export async function receiveFile(input, size, { localPath, calls }) {
  const fd = await calls.open(localPath, 'w');
  let position = 0;
  await input.body(size, (chunk) => {
    const at = position;
    position += chunk.length;
    const writing = calls.write(fd, chunk, at);
    return writing instanceof Promise ? writing : undefined;
  });
  await calls.close(fd);
  return { value: undefined };
}
