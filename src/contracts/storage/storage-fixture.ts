/** What the cases of the storage contract have in common: a few files, and short ways to write, read and list. */
import assert from 'node:assert/strict';
import { TransferError } from '../../errors.js';
import type { FileEntry } from '../../protocol/entry.js';
import { parseRemotePath, type RemotePath } from '../../protocol/remote-path.js';
import type { Storage, StoredFile, StorageWriteOptions, WritingMethod } from '../../storage/storage.js';

/** Methods that a storage may lack although it writes. */
const optionalMethods = ['resume', 'writeFile', 'append', 'utimes'] as const;

/** A storage with the methods that write; not every one resumes uploads, or stores whole files. */
export type WritableStorage = Storage &
  Required<Pick<Storage, Exclude<WritingMethod, (typeof optionalMethods)[number]>>>;

/** The names of the methods that write. */
export const writingMethods = [
  'write',
  'writeFile',
  'resume',
  'append',
  'utimes',
  'mkdir',
  'remove',
  'rename',
  'copy',
] satisfies WritingMethod[];

/** The directories that a storage holds when the cases that read begin. */
export const fixtureDirectories = ['folder', 'folder/inner', 'empty folder'] as const;

/** The files that a storage holds when the cases that read begin, and what is in them. */
export const fixtureFiles: Readonly<Record<string, string>> = {
  'hello.txt': 'Hello, reader!\n',
  nothing: '',
  'folder/one': '1',
  'folder/inner/two': '22',
  'Grüße, 世界 🌍.txt': 'ü',
};

/** Puts the fixture into an empty storage, for those that will be read-only afterwards. */
export async function fillStorageFixture(storage: Storage): Promise<void> {
  assert.ok(canWrite(storage));
  for (const directory of fixtureDirectories) await storage.mkdir(at(directory), { recursive: false });
  for (const [path, text] of Object.entries(fixtureFiles)) await put(storage, path, text);
}

/** Whether a storage has all methods that write. */
export function canWrite(storage: Storage): storage is WritableStorage {
  const optional: readonly WritingMethod[] = optionalMethods;
  return writingMethods.every((method) => optional.includes(method) || storage[method] !== undefined);
}

/** A path. */
export function at(text: string): RemotePath {
  return parseRemotePath(text);
}

/** Writes a whole file, over an older one if there is one. */
export function put(
  storage: WritableStorage,
  path: string,
  content: string | Uint8Array,
): Promise<FileEntry> {
  return putWith(storage, path, { content });
}

/** Writes a whole file with options. */
export async function putWith(
  storage: WritableStorage,
  path: string,
  { content, ...options }: Partial<StorageWriteOptions> & { content: string | Uint8Array },
): Promise<FileEntry> {
  const pending = await storage.write(at(path), { overwrite: true, ...options });
  await pending.write([Buffer.from(content)]);
  return pending.commit();
}

/** The bytes of a file, read through an odd-sized buffer. */
export async function bytesAt(storage: Storage, path: string): Promise<Buffer> {
  const file = await storage.read(at(path));
  try {
    return await bytesOf(file);
  } finally {
    await file.close();
  }
}

/** The bytes of a file that is open. */
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

/** The text of a file. */
export async function textAt(storage: Storage, path: string): Promise<string> {
  return (await bytesAt(storage, path)).toString();
}

/** The paths of a listing, in order of the alphabet. */
export async function pathsIn(storage: Storage, directory: RemotePath, recursive = false): Promise<string[]> {
  const paths: string[] = [];
  for await (const { path } of storage.list(directory, { recursive })) paths.push(path);
  return paths.sort();
}

/** Asserts that something fails with a code. */
export async function failsWith(code: string, work: Promise<unknown>): Promise<void> {
  await assert.rejects(work, (error: unknown) => {
    assert.equal(TransferError.from(error).code, code);
    return true;
  });
}

/** The codes of what has failed. */
export function codesOf(outcomes: readonly PromiseSettledResult<unknown>[]): string[] {
  return outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [TransferError.from(outcome.reason).code] : [],
  );
}
