/** Names that are not UTF-8: a text does not hold them, so that the calls for paths as texts do not find them. */
import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import { unlessMissing } from '../../../fs/errno.js';

/**
 * Unlinks all names in a directory that are not UTF-8, except those of subdirectories: they are renamed to names that are.
 * Resolves with these, so that the caller can remove the subdirectories like any others. Nothing is followed.
 */
export async function removeNamesOfBytes(directory: string): Promise<string[]> {
  const subdirectories: string[] = [];
  for (const found of await fs.readdir(directory, { withFileTypes: true, encoding: 'buffer' })) {
    if (isUtf8(found.name)) continue;
    const path = Buffer.concat([Buffer.from(`${directory}/`), found.name]);
    if (!found.isDirectory()) {
      await unlessMissing(fs.unlink(path));
      continue;
    }
    const name = `removed-${randomUUID()}`;
    if (await unlessMissing(fs.rename(path, `${directory}/${name}`).then(() => true)))
      subdirectories.push(name);
  }
  return subdirectories;
}
