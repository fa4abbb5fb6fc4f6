/** Synchronisations in which something fails, changes or is cut. */
import fs from 'node:fs/promises';
import { appendFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  DirectoryStorage,
  FileClient,
  TransferError,
  type RemotePath,
  type SyncProgress,
} from '../../../src/index.js';
import { watched, watchedBytes } from '../../support/directories/watched-storage.js';
import { serve, temporaryDirectory } from '../../support/servers/serve.js';
import { Cuts } from '../../support/servers/cuts.js';
import { DIRECTIONS, sides } from '../../support/directories/sides.js';
import { manyFiles, treeState, writeTree } from '../../support/directories/tree.js';

const LARGE = 'x'.repeat(1_500_000);

describe.each(DIRECTIONS)('sync: %s', (direction) => {
  it('carries on after a file that fails, reports it, and deletes nothing', async () => {
    const wrap = (storage: DirectoryStorage): DirectoryStorage =>
      watched(storage, (below) => {
        if (below === 'tree/b') throw new TransferError('EACCES');
      });
    const at = await sides(direction, { source: { a: '1', b: '2', c: '3' }, target: { old: 'x' }, wrap });
    const result = await at.client.sync(at.from, at.to, { mode: 'mirror' });
    expect(result).toMatchObject({ isComplete: false, files: 2, deleted: 0, withheld: 1 });
    expect(result.failed).toMatchObject([{ action: { path: 'b' }, error: { code: 'EACCES' } }]);
    expect(Object.keys(await treeState(at.target)).sort()).toEqual(['a', 'c', 'old']);
  });

  it.each(['ENOSPC', 'EAUTH'])('rejects with %s, after which no file could succeed', async (code) => {
    let calls = 0;
    const wrap = (storage: DirectoryStorage): DirectoryStorage =>
      watched(storage, () => {
        if (++calls > 20) throw new TransferError(code);
      });
    const at = await sides(direction, { source: manyFiles(2_000), wrap });
    await expect(at.client.sync(at.from, at.to)).rejects.toMatchObject({ code });
    // Those in flight, not all.
    expect(calls).toBeLessThan(700);
  });

  it('rejects with ESHUTDOWN if the client is closed meanwhile', async () => {
    const at = await sides(direction, { source: manyFiles(500) });
    const onAction = (): void => at.client.destroy();
    await expect(at.client.sync(at.from, at.to, { onAction })).rejects.toMatchObject({ code: 'ESHUTDOWN' });
  });

  it('completes over connections that are cut', async () => {
    const at = await sides(direction, { source: { ...manyFiles(200), large: LARGE } });
    const cuts = new Cuts(at.port);
    const way = direction === 'upload' ? 'bytesWritten' : 'bytesRead';
    const client = new FileClient({
      connect: cuts.each(300_000, way, 4),
      codec: 'binary',
      reconnect: { minDelayMs: 1, maxDelayMs: 5 },
    });
    try {
      expect(await client.sync(at.from, at.to)).toMatchObject({ isComplete: true, files: 201, failed: [] });
    } finally {
      client.destroy();
    }
    expect(cuts.sockets.length).toBeGreaterThan(2);
    expect(await treeState(at.target)).toEqual(await treeState(at.source));
  });

  it('sends the present version of a file that has changed since it was compared', async () => {
    const at = await sides(direction, { source: { file: 'first' } });
    const changed = path.join(at.source, 'file');
    const filter = ({ path: below }: { path: string }): boolean => {
      // After it was listed.
      if (below === 'file') appendFileSync(changed, ' and second');
      return true;
    };
    const result = await at.client.sync(at.from, at.to, { filter });
    expect(result).toMatchObject({ isComplete: true, files: 1, changed: [] });
    expect((await treeState(at.target))['file']?.content).toBe('first and second');
  });

  it('reports progress that never falls and comes to its end', async () => {
    const at = await sides(direction, { source: { ...manyFiles(120), large: LARGE } });
    const seen: SyncProgress[] = [];
    const result = await at.client.sync(at.from, at.to, { onProgress: (progress) => seen.push(progress) });
    const last = seen.at(-1);
    expect(last).toMatchObject({ isPlanned: true, files: 121, filesTotal: 121, bytes: result.bytes });
    expect(last?.bytesTotal).toBe(result.bytes);
    for (const [index, progress] of seen.entries()) {
      const before = seen[index - 1];
      expect(progress.bytes).toBeLessThanOrEqual(progress.bytesTotal);
      expect(progress.bytes).toBeGreaterThanOrEqual(before?.bytes ?? 0);
      expect(progress.actions).toBeGreaterThanOrEqual(before?.actions ?? 0);
      expect(progress.scanned).toBeGreaterThanOrEqual(before?.scanned ?? 0);
    }
  });

  it.each(['text', 'json', 'xml', 'binary'] as const)('mirrors a tree in the codec %s', async (codec) => {
    const source = { 'ä ö/ü.txt': 'one', 'a b/c': 'two', empty: null, 'x.d': '', large: LARGE };
    const target = { 'a b/old': 'x', 'gone/deep/file': 'y', large: 'z' };
    const at = await sides(direction, { source, target, codec });
    const result = await at.client.sync(at.from, at.to, { mode: 'mirror' });
    expect(result).toMatchObject({ isComplete: true, files: 4, deleted: 4, failed: [] });
    expect(await treeState(at.target)).toEqual(await treeState(at.source));
    expect(await at.client.sync(at.from, at.to, { mode: 'mirror' })).toMatchObject({
      isComplete: true,
      files: 0,
      deleted: 0,
      touched: 0,
    });
  });
});

describe.each(DIRECTIONS)('sync: %s', (direction) => {
  it('continues inside a large file after an interruption, and leaves no partial file', async () => {
    const size = 12_000_000;
    const controller = new AbortController();
    const wrap = (storage: DirectoryStorage): DirectoryStorage =>
      watchedBytes(storage, (bytes) => {
        if (bytes >= size / 2) controller.abort();
      });
    const at = await sides(direction, { source: { large: Buffer.alloc(size, 'content') }, wrap });
    const first = at.client.sync(at.from, at.to, { signal: controller.signal });
    await expect(first).rejects.toMatchObject({ code: 'ECANCELED' });
    expect(await fs.readdir(at.target)).not.toContain('large');
    const seen: number[] = [];
    const onProgress = ({ bytes }: SyncProgress): void => void seen.push(bytes);
    expect(await at.client.sync(at.from, at.to, { onProgress })).toMatchObject({ isComplete: true });
    // The first number is that of the earlier call.
    expect(seen.find((bytes) => bytes > 0)).toBeGreaterThanOrEqual(size / 8);
    expect(seen.at(-1)).toBe(size);
    expect(await treeState(at.target)).toEqual(await treeState(at.source));
  });
});

describe.each(DIRECTIONS)('sync: %s', (direction) => {
  it('does not replace a large file that changes while its next version is sent', async () => {
    const size = 6_000_000;
    let target = '';
    const wrap = (storage: DirectoryStorage): DirectoryStorage =>
      watchedBytes(storage, (bytes) => {
        if (bytes >= size / 2) writeFileSync(path.join(target, 'large'), 'changed meanwhile');
      });
    const at = await sides(direction, {
      source: { large: Buffer.alloc(size, 'content') },
      target: { large: 'older' },
      wrap,
    });
    target = at.target;
    const result = await at.client.sync(at.from, at.to, { backupDirectory: 'backup' });
    expect(result).toMatchObject({ isComplete: false, files: 0, changed: [] });
    expect(result.failed).toMatchObject([{ action: { path: 'large' }, error: { code: 'ESTALE' } }]);
    expect(await fs.readFile(path.join(at.target, 'large'), 'utf8')).toBe('changed meanwhile');
  });
});

/** A storage whose server is destroyed while it makes a directory: before it is made, or afterwards. */
class Dying extends DirectoryStorage {
  readonly #die: () => void;
  readonly #isMadeBefore: boolean;

  constructor(root: string, { isMadeBefore, die }: { isMadeBefore: boolean; die: () => void }) {
    super(root);
    this.#isMadeBefore = isMadeBefore;
    this.#die = die;
  }

  override async mkdir(at: RemotePath, options: { recursive: boolean }): Promise<void> {
    if (at === 'tree/b' && !this.#isMadeBefore) this.#die();
    await super.mkdir(at, options);
    if (at === 'tree/b' && this.#isMadeBefore) this.#die();
  }
}

describe('uploadDirectory', () => {
  it.each([true, false])(
    'makes all directories although another server takes the place of one that made some (%s)',
    async (isMadeBefore) => {
      const [root, local] = [await temporaryDirectory(), await temporaryDirectory()];
      await writeTree(local, manyFiles(200));
      await writeTree(local, { 'a/x': 'x', 'b/y': 'y', 'b/deep/z': 'z', 'c/w': 'w' });
      const die = (): void => first.server.destroy();
      const first = await serve({ storage: new Dying(root, { isMadeBefore, die }) });
      const second = await serve({ root });
      let connections = 0;
      const client = new FileClient({
        connect: () => connect(connections++ === 0 ? first.port : second.port, '127.0.0.1'),
        reconnect: { minDelayMs: 1, maxDelayMs: 5 },
      });
      onTestFinished(() => client.destroy());
      const result = await client.uploadDirectory(local, 'tree');
      expect(connections).toBe(2);
      // A file whose outcome is unknown is not sent again.
      for (const { error } of result.failed) expect(error).toMatchObject({ outcomeUnknown: true });
      expect(result.failed.filter(({ action }) => action.kind === 'make-directory')).toEqual([]);
      expect(await client.uploadDirectory(local, 'tree')).toMatchObject({ isComplete: true, directories: 0 });
      expect(await treeState(path.join(root, 'tree'))).toEqual(await treeState(local));
    },
  );

  it('reports a file that changes during each reading, and stores nothing of it', async () => {
    let source = '';
    const wrap = (storage: DirectoryStorage): DirectoryStorage =>
      watched(storage, (below) => {
        if (below === 'tree/log') appendFileSync(path.join(source, 'log'), 'more');
      });
    const at = await sides('upload', { source: { log: LARGE, other: 'other' }, wrap });
    source = at.source;
    const result = await at.client.uploadDirectory(at.source, 'tree');
    expect(result).toMatchObject({ isComplete: false, files: 1, failed: [], changed: [{ path: 'log' }] });
    expect(await fs.readdir(at.target)).not.toContain('log');
  });
});
