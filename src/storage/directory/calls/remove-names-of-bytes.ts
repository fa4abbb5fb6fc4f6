/** Names that are not UTF-8: a text does not hold them, so that the calls for paths as texts do not find them. */
import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import { unlessMissing } from '../../../fs/errno.js';

// The types of Node do not have this encoding for `opendir`.
const NAMES_AS_BYTES = { encoding: 'buffer' as BufferEncoding, bufferSize: 256 };

/**
 * Unlinks all names in a directory that are not UTF-8, except those of subdirectories: they are renamed to names that are.
 * Resolves with these, so that the caller can remove the subdirectories like any others. Nothing is followed.
 *
 * @param onProgress - called for each name
 */
export async function removeNamesOfBytes(directory: string, onProgress: () => void): Promise<string[]> {
  const subdirectories: string[] = [];
  for await (const found of await fs.opendir(directory, NAMES_AS_BYTES)) {
    onProgress();
    const name: unknown = found.name;
    if (!Buffer.isBuffer(name) || isUtf8(name)) continue;
    const path = Buffer.concat([Buffer.from(`${directory}/`), name]);
    if (!found.isDirectory()) {
      await unlessMissing(fs.unlink(path));
      continue;
    }
    const renamed = `removed-${randomUUID()}`;
    if (await unlessMissing(fs.rename(path, `${directory}/${renamed}`).then(() => true)))
      subdirectories.push(renamed);
  }
  return subdirectories;
}
