/** A server of a directory and a directory on this side, for transfers of local files. */
import { realpathSync } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'vitest';
import {
  type Progress,
  DirectoryStorage,
  type DownloadedFile,
  type FileClientOptions,
  type FileServerOptions,
} from '../../../src/index.js';
import { isPartialDownload, partNamesOf } from '../../../src/client/local/partial-download/part-names.js';
import { bytesOf } from '../bytes.js';
import { serve, temporaryDirectory, type Served } from '../servers/serve.js';

export const SIZE = 6_000_000;
export const bytes = bytesOf(SIZE);
export const MTIME = new Date(1_600_000_000_000);

const NOBODY = 65_534;

/** A server of a directory, and a directory on this side. */
export interface Place extends Served {
  /** A path in the server's directory. */
  remote(name: string): string;
  /** A path on this side. */
  local(name: string): string;
  /** The content of the local directory. */
  names(): Promise<string[]>;
  /** Bytes that the server has sent, and received, so far. */
  sent(): number;
  received(): number;
}

/** Serves files from a directory; each was changed at {@link MTIME}. */
export async function place(
  files: Record<string, Uint8Array> = { big: bytes },
  options: FileServerOptions = {},
): Promise<Place> {
  const [root, directory] = [await temporaryDirectory(), await temporaryDirectory()];
  const served = await serve({ storage: new DirectoryStorage(root), ...options });
  for (const [name, data] of Object.entries(files)) {
    await fs.writeFile(path.join(root, name), data);
    await fs.utimes(path.join(root, name), MTIME, MTIME);
  }
  return {
    ...served,
    remote: (name) => path.join(root, name),
    local: (name) => path.join(directory, tagged(directory, name)),
    names: async () => (await fs.readdir(directory)).map(untagged).sort(),
    sent: () => served.server.stats().bytesSent,
    received: () => served.server.stats().bytesReceived,
  };
}

/** The names of a part and its note, without the digits that depend on the directory. */
export const PART = '.big.socket-ftp-part';
export const NOTE = '.big.socket-ftp-note';

function tagged(directory: string, name: string): string {
  if (name !== PART && name !== NOTE) return name;
  const { part, note } = partNamesOf(realpathSync(directory), 'big', 0);
  return name === PART ? part : note;
}

function untagged(name: string): string {
  return isPartialDownload(name) ? name.replace(/\.[0-9a-f]{12}(?=\.socket-ftp-....$)/, '') : name;
}

/** Starts to download `big` in this process, and cancels the download in the middle. */
export async function cancelledDownload(at: Place, options: FileClientOptions = {}): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  const onProgress = ({ bytes: now }: Progress): void => {
    if (now >= 1_000_000) controller.abort();
  };
  const download = at.connect(options).downloadFile('big', at.local('big'), { signal, onProgress });
  await expect(download).rejects.toMatchObject({ code: 'ECANCELED', operation: 'download', path: 'big' });
}

/** Downloads `big` to its end, and looks at all that is there then. */
export async function finishedDownload(
  at: Place,
  expected: Uint8Array = bytes,
  options: FileClientOptions = {},
): Promise<DownloadedFile> {
  const downloaded = await at.connect(options).downloadFile('big', at.local('big'));
  expect((await fs.readFile(at.local('big'))).equals(expected)).toBe(true);
  expect(await at.names()).toEqual(['big']);
  return downloaded;
}

/** Runs a function as a user to whom permissions apply, unlike the superuser. */
export async function asUnprivilegedUser(at: Place, run: () => Promise<void>): Promise<void> {
  if (process.getuid?.() !== 0) return run();
  await fs.chown(at.local('.'), NOBODY, NOBODY);
  await fs.chmod(at.remote('.'), 0o777);
  process.seteuid?.(NOBODY);
  try {
    await run();
  } finally {
    process.seteuid?.(0);
  }
}

/** The prototype of file handles, so that a test can make a method fail. */
export async function fileHandlePrototype(): Promise<FileHandle> {
  const handle = await fs.open(import.meta.filename);
  await handle.close();
  return Object.getPrototypeOf(handle) as FileHandle;
}

/** An error as the system gives it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: as the system says it`), { code });
}
