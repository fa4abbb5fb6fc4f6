/**
 * A tree with public files, and a sibling with the same names and secrets, which no request may read, list or change.
 * Access times on the disk reveal any read there.
 */
import { lstatSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import type { RemotePath } from '../../../../src/protocol/remote-path.js';
import { partName } from '../../../../src/storage/directory/parts/part-folders.js';
import type { Place } from '../directory-fixture.js';

const PUBLIC = 'public';
const SECRET = 'a secret, longer than what is public';

/** The id of resumed uploads. */
export const uploadId = '0123456789abcdef0123456789abcdef';

/** The path for which the outside has a part, too. */
export const resumed = 'folder/resumed' as RemotePath;

const outsideFiles = ['file', 'secret', 'inner/file', 'inner/secret', `${partName(uploadId, resumed)}.part`];

/** Fills both trees. Not by promises: there are many trees, and the threads of the pool are for the requests. */
export function fill({ local, outside }: Place): void {
  mkdirSync(local('folder', 'inner'), { recursive: true });
  for (const name of ['folder/file', 'folder/inner/file']) writeFileSync(local(name), PUBLIC);
  mkdirSync(path.join(outside, 'inner'));
  for (const name of outsideFiles) writeFileSync(path.join(outside, name), SECRET);
  // Older than the last change, so that whatever file system notes times of reading at all notes the next one.
  for (const name of ['', 'inner', ...outsideFiles]) utimesSync(path.join(outside, name), 0, 1_000);
}

/** The state of the outside on disk, which any read or change there alters. */
export function traces({ outside }: Place): unknown {
  return ['', 'inner', ...outsideFiles].map((name) => {
    const { ino, mode, nlink, size, atimeNs, mtimeNs, ctimeNs } = lstatSync(path.join(outside, name), {
      bigint: true,
    });
    return { name, ino, mode, nlink, size, atimeNs, mtimeNs, ctimeNs };
  });
}

/** Fails if something that a request has told, or left in the tree, is of the outside. */
export function expectNoSecret({ root }: Place, told: readonly string[]): void {
  expect(told.filter(isSecret)).toEqual([]);
  for (const file of filesIn(root)) expect(isSecret(readFileSync(file, 'utf8')), file).toBe(false);
}

/** The files below a directory. A recursive `readdirSync` follows links since Node 22, to the very outside. */
function filesIn(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const at = path.join(directory, entry.name);
    return entry.isDirectory() ? filesIn(at) : entry.isFile() ? [at] : [];
  });
}

/** Whether a text or the size of a file is of the outside. */
export function isSecret(text: string): boolean {
  return text.includes('secret') || text.includes(`size ${SECRET.length}`);
}
