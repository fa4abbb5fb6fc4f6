/** Fixtures of the tests of the directory storage. */
import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { parseRemotePath, REMOTE_ROOT, type RemotePath } from '../../../src/protocol/remote-path.js';
import type { DirectoryInternals } from '../../../src/storage/directory/directory-internals.js';
import { DirectoryStorage } from '../../../src/storage/directory/directory-storage.js';
import { temporaryDirectory } from '../../support/servers/serve.js';

/** A storage, where it is, and a directory beside it that it must never reach. */
export interface Place {
  readonly storage: DirectoryStorage;
  readonly root: string;
  readonly outside: string;
  /** The path of a file in the root. */
  local(...names: string[]): string;
}

/** A storage in an empty directory. */
export async function makePlace(internals: DirectoryInternals = {}): Promise<Place> {
  const root = await temporaryDirectory();
  const outside = await temporaryDirectory();
  const storage = new DirectoryStorage(root, {}, internals);
  return { storage, root, outside, local: (...names) => path.join(root, ...names) };
}

/** Both ways of walking, where this system has both. */
export const walkings = process.platform === 'linux' ? (['handles', 'names'] as const) : (['names'] as const);

/** Makes a FIFO, which Node itself cannot. */
export async function makeFifo(place: string): Promise<void> {
  await promisify(execFile)('mkfifo', [place]);
}

/** The error code of a rejected promise; undefined if it resolves. */
export async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  }
}

/** The open files of this process in a directory or below it; none where the system does not show them. */
export async function openIn(root: string): Promise<string[]> {
  const fds = await readdir('/proc/self/fd').catch(() => []);
  const places = await Promise.all(fds.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
  return places.filter((place) => place.startsWith(root));
}

/** The content of the private folder in a directory; undefined if there is none. */
export async function partsIn(directory: string): Promise<string[] | undefined> {
  return readdir(path.join(directory, '.socket-ftp')).catch(() => undefined);
}

/** The text of a file of the file system; undefined if there is none. */
export async function textOf(place: string): Promise<string | undefined> {
  return readFile(place, 'utf8').catch(() => undefined);
}

/** A path; `''` is the root. */
export function at(text: string): RemotePath {
  return text === '' ? REMOTE_ROOT : parseRemotePath(text);
}

/** Every path that a listing of the whole tree shows. */
export async function listed(storage: DirectoryStorage, directory = '', recursive = true): Promise<string[]> {
  const paths: string[] = [];
  for await (const entry of storage.list(at(directory), { recursive })) paths.push(entry.path);
  return paths.sort();
}
