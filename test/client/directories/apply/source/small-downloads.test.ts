/** Small downloads that are written by threads, and a run that is stopped meanwhile. */
import { expect, it } from 'vitest';
import { SmallDownloads } from '../../../../../src/client/directories/apply/source/small-downloads.js';
import type { SmallFileSender } from '../../../../../src/client/directories/apply/small-files/small-file-sender.js';
import type { LocalFiles } from '../../../../../src/client/directories/apply/target/local-files.js';
import type { AbortScope } from '../../../../../src/client/request/abort-scope.js';
import { parseRemotePath, TransferError, type TransferAction } from '../../../../../src/index.js';

const mtime = new Date(1_000);
const source = { size: 1, mtimeMs: mtime.getTime() };

function transfer(path: string): TransferAction {
  return { kind: 'transfer', path, reason: 'new', bytes: 1, source };
}

const sender = {
  downloadAll: async (files: readonly { path: string }[]) =>
    files.map((file) => {
      const entry = { path: parseRemotePath(file.path), kind: 'file', size: 1, mtime } as const;
      return { file, entry, bytes: Buffer.from('x') };
    }),
} as unknown as SmallFileSender;

it('a stopped run of small downloads ends after the files that are being written', async () => {
  let isStopped = false;
  const scope = {
    throwIfAborted() {
      if (isStopped) throw new TransferError('ECANCELED');
    },
  } as unknown as AbortScope;
  const events: string[] = [];
  let write = (): void => undefined;
  const files = {
    createNow: () => false,
    ready: async () => undefined,
    createSmall: ({ path }: { path: string }) => {
      events.push(`begins ${path}`);
      isStopped = true;
      return new Promise<void>((resolve) => (write = resolve));
    },
  } as unknown as LocalFiles;
  const downloads = new SmallDownloads({ scope, sender, at: parseRemotePath });
  const receiving = downloads
    .receive(files, ['a', 'b'].map(transfer), ({ path }) => void events.push(`settled ${path}`))
    .catch((error: unknown) => events.push(TransferError.from(error).code));
  await new Promise((resolve) => setImmediate(resolve));
  expect(events).toEqual(['begins a']);
  write();
  await receiving;
  expect(events).toEqual(['begins a', 'settled a', 'ECANCELED']);
});

it('groups that arrive together are written one after the other', async () => {
  const scope = { throwIfAborted: () => undefined } as unknown as AbortScope;
  const ready = new Set<string>();
  const files = {
    createNow: ({ path }: { path: string }) => ready.has(path),
    ready: async (path: string) => void ready.add(path),
  } as unknown as LocalFiles;
  const downloads = new SmallDownloads({ scope, sender, at: parseRemotePath });
  const events: string[] = [];
  const receive = async (paths: readonly string[]): Promise<void> => {
    await downloads.receive(files, paths.map(transfer), ({ path }) => void events.push(path));
    events.push('end');
  };
  await Promise.all([receive(['a', 'b', 'c']), receive(['d', 'e', 'f'])]);
  expect(events).toEqual(['a', 'b', 'c', 'end', 'd', 'e', 'f', 'end']);
});
