/** The fixture of the storage contract, and short functions for its cases. */
import assert from 'node:assert/strict';
import { TransferError } from '../../errors.js';
import type { FileEntry } from '../../protocol/entry.js';
import { parseRemotePath, type RemotePath } from '../../protocol/remote-path.js';
import type { Storage, StoredFile, StorageWriteOptions, WritingMethod } from '../../storage/storage.js';

/** The methods that a storage with any writing method must have. */
export const requiredWritingMethods = ['write', 'mkdir', 'remove', 'rename', 'copy'] as const;

/** A storage with all required writing methods. */
export type WritableStorage = Storage & Required<Pick<Storage, (typeof requiredWritingMethods)[number]>>;

export const writingMethods = [
  'write',
  'writeFile',
  'resume',
  'append',
  'utimes',
  'chmod',
  'mkdir',
  'remove',
  'rename',
  'copy',
] satisfies WritingMethod[];

/** The directories of the fixture. */
export const fixtureDirectories = ['folder', 'folder/inner', 'empty folder'] as const;

/** The files of the fixture, with their content. */
export const fixtureFiles: Readonly<Record<string, string>> = {
  'hello.txt': 'Hello, reader!\n',
  nothing: '',
  'folder/one': '1',
  'folder/inner/two': '22',
  'Grüße, 世界 🌍.txt': 'ü',
};

/** Writes the fixture to an empty storage, for example before it is made read-only. */
export async function fillStorageFixture(storage: Storage): Promise<void> {
  assert.ok(canWrite(storage));
  for (const directory of fixtureDirectories) await storage.mkdir(at(directory), { recursive: false });
  for (const [path, text] of Object.entries(fixtureFiles)) await put(storage, path, text);
}

export function canWrite(storage: Storage): storage is WritableStorage {
  return requiredWritingMethods.every((method) => storage[method] !== undefined);
}

export function at(text: string): RemotePath {
  return parseRemotePath(text);
}

/** Writes a file, replacing an existing one. */
export function put(
  storage: WritableStorage,
  path: string,
  content: string | Uint8Array,
): Promise<FileEntry> {
  return putWith(storage, path, { content });
}

export async function putWith(
  storage: WritableStorage,
  path: string,
  { content, ...options }: Partial<StorageWriteOptions> & { content: string | Uint8Array },
): Promise<FileEntry> {
  const pending = await storage.write(at(path), { overwrite: true, ...options });
  await pending.write([Buffer.from(content)]);
  return pending.commit();
}

export async function bytesAt(storage: Storage, path: string): Promise<Buffer> {
  const file = await storage.read(at(path));
  try {
    return await bytesOf(file);
  } finally {
    await file.close();
  }
}

/** Reads an open file through a buffer of odd size. */
export async function bytesOf(file: StoredFile): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let position = 0; ;) {
    const target = Buffer.alloc(70_001);
    const bytes = await file.read(target, position);
    if (bytes === 0) return Buffer.concat(pieces);
    pieces.push(target.subarray(0, bytes));
    position += bytes;
  }
}

export async function textAt(storage: Storage, path: string): Promise<string> {
  return (await bytesAt(storage, path)).toString();
}

/** The paths of a listing, sorted. */
export async function pathsIn(storage: Storage, directory: RemotePath, recursive = false): Promise<string[]> {
  const paths: string[] = [];
  for await (const { path } of storage.list(directory, { recursive })) paths.push(path);
  return paths.sort();
}

export async function failsWith(code: string, work: Promise<unknown>): Promise<void> {
  await assert.rejects(work, (error: unknown) => {
    assert.equal(TransferError.from(error).code, code);
    return true;
  });
}

/** The error codes of the rejected promises. */
export function codesOf(outcomes: readonly PromiseSettledResult<unknown>[]): string[] {
  return outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [TransferError.from(outcome.reason).code] : [],
  );
}
