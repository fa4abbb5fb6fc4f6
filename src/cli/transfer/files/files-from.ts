/** The names of `--files-from`. */
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { usageError } from '../../runner/usage-error.js';

/** Bytes of a list of names. */
const MAX_LIST_BYTES = 256 * 1024 * 1024;

/** The names of a list, relative to the source. Empty lines are left out. A name must not leave the source. */
export async function filesFrom(
  path: string,
  { isZero, stdin }: { isZero: boolean; stdin: Readable },
): Promise<string[]> {
  const input = path === '-' ? stdin : createReadStream(path);
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of input as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > MAX_LIST_BYTES) throw usageError(`The list ${path} has more than ${MAX_LIST_BYTES} bytes.`);
    pieces.push(piece);
  }
  const text = Buffer.concat(pieces).toString('utf8');
  const names = text.split(isZero ? '\0' : /\r?\n/).filter((name) => name !== '');
  for (const name of names) checkName(name, path);
  return names;
}

function checkName(name: string, path: string): void {
  if (!name.startsWith('/') && !name.split('/').includes('..')) return;
  throw usageError(`The list ${path} has the name ${name}: a name must be relative, and without '..'.`);
}
