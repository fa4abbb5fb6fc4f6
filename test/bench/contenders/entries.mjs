/** The entries of a directory as programs list them: names, then the size and the time of each. */
// @ts-check
import * as fs from 'node:fs/promises';
import path from 'node:path';

/** @typedef {{ name: string, size: number, mtimeMs: number }} Entry */

/** @template Value @typedef {Value | Promise<Value>} Maybe */

/** @typedef {{ readdir: (directory: string) => Maybe<string[]>, stat: (file: string) => Maybe<import('node:fs').Stats> }} Calls */

/** @type {(directory: string, calls?: Calls) => Promise<Entry[]>} */
export async function entriesOf(directory, calls = fs) {
  const names = await calls.readdir(directory);
  const entryOf = async (/** @type {string} */ name) => {
    const { size, mtimeMs } = await calls.stat(path.join(directory, name));
    return { name, size, mtimeMs };
  };
  return Promise.all(names.map(entryOf));
}
