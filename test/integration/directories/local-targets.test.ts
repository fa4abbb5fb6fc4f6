/** Local targets: what a server names never leads out of them, and a full disk is no success. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DirectoryStorage, type SyncAction } from '../../../src/index.js';
import { StagingDirectory } from '../../../src/client/directories/apply/target/staging-directory.js';
import { sides, versionAt } from '../../support/directories/sides.js';
import { TREE_MTIME, treeState, writeTree } from '../../support/directories/tree.js';
import { serve, temporaryDirectory } from '../../support/servers/serve.js';

describe('applyPlan', () => {
  it('follows no symbolic link of a local target', async () => {
    const at = await sides('download', {
      source: { 'link/file': 'content', 'a/link/file': 'content', name: 'content' },
    });
    const outside = await temporaryDirectory();
    await fs.writeFile(path.join(outside, 'file'), 'outside');
    await fs.mkdir(path.join(at.target, 'a'));
    for (const below of ['link', 'a/link']) await fs.symlink(outside, path.join(at.target, below));
    await fs.symlink(path.join(outside, 'file'), path.join(at.target, 'name'));
    const version = await versionAt(outside, 'file');
    const source = await versionAt(at.source, 'name');
    const actions = ['link/file', 'a/link/file', 'name'].flatMap((below): SyncAction[] => [
      { kind: 'transfer', path: below, reason: 'size', bytes: 7, source, target: version },
      { kind: 'touch', path: below, reason: 'mode', bytes: 0, source: { ...version, mode: 0o777 } },
      { kind: 'copy', path: `${below}-copy`, from: below, reason: 'same-content', bytes: 0, source: version },
      { kind: 'make-directory', path: `${below}/new`, reason: 'new', bytes: 0, source: version },
    ]);
    const { failed, files, directories, copied } = await at.client.applyPlan(actions, at);
    expect({ files, directories, copied, failed: failed.length }).toEqual({
      files: 0,
      directories: 0,
      copied: 0,
      failed: actions.length,
    });
    const gone = ['link/file', 'name'].map((below): SyncAction => ({
      kind: 'delete',
      path: below,
      reason: 'extra',
      bytes: 0,
      entry: 'file',
    }));
    expect(await at.client.applyPlan(gone, at)).toMatchObject({ deleted: 0, failed: [{}, {}] });
    expect(await treeState(outside)).toMatchObject({ file: { content: 'outside', mode: version.mode } });
    expect(await fs.readdir(outside)).toEqual(['file']);
  });
});

describe('downloadDirectory', () => {
  it('is no success on a full disk, and leaves no partial file', async (context) => {
    const disk = await temporaryDirectory();
    if (!mountedSmallDisk(disk)) return context.skip('Mounting a small file system is not allowed here.');
    const content = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [
        `d/${index}`,
        'x'.repeat(index % 8 === 0 ? 200_000 : 30_000),
      ]),
    );
    const at = await sides('download', { source: content });
    const download = at.client.downloadDirectory('tree', path.join(disk, 'target'));
    await expect(download).rejects.toMatchObject({ name: 'TransferError', code: 'ENOSPC' });
    for (const [below, file] of Object.entries(await treeState(path.join(disk, 'target')))) {
      if (file.kind !== 'file' || below.endsWith('.socket-ftp-part') || below.endsWith('-note')) continue;
      expect(file.content?.length).toBe(content[below.split(path.sep).join('/')]?.length);
    }
  });

  it('deletes a directory in which an interrupted download has left its part', async () => {
    const target = { 'old/file': '1', 'old/.large.0123456789ab.socket-ftp-part': 'the beginning' };
    const at = await sides('download', { source: { a: 'a' }, target });
    const result = await at.client.sync(at.from, at.to, { mode: 'mirror', maxDelete: 2 });
    expect(result).toMatchObject({ isComplete: true, deleted: 2 });
    expect(await fs.readdir(at.target)).toEqual(['a']);
  });

  it('keeps the time of the root if only a directory below has changed', async () => {
    const at = await sides('download', { source: { 'a/file': 'new' }, target: { 'a/file': 'older' } });
    expect(await at.client.sync(at.from, at.to)).toMatchObject({ isComplete: true, files: 1 });
    expect((await fs.stat(at.target)).mtime).toEqual(TREE_MTIME);
    expect(await at.client.sync(at.from, at.to)).toMatchObject({ isComplete: true, files: 0, touched: 0 });
  });

  it('removes the hidden directory of a process that has ended, and keeps that of one that runs', async () => {
    const at = await sides('download', { source: { file: 'content' } });
    const other = execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }).trim();
    const tag = await hiddenTag();
    const [ended, running] = [other, String(process.ppid)].map(
      (pid) => `.sync-${pid}-0123abcd.${tag}.socket-ftp-part`,
    );
    for (const name of [ended, running]) {
      await fs.mkdir(path.join(at.target, name ?? ''));
      await fs.writeFile(path.join(at.target, name ?? '', '0'), 'partial');
    }
    await at.client.downloadDirectory('tree', at.target);
    expect((await fs.readdir(at.target)).sort()).toEqual([running, 'file'].sort());
  });
});

describe('uploadDirectory', () => {
  it('is no success on a full disk of the server, and leaves no partial file', async (context) => {
    const disk = await temporaryDirectory();
    if (!mountedSmallDisk(disk)) return context.skip('Mounting a small file system is not allowed here.');
    const content = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [
        `d/${index}`,
        'x'.repeat(index % 8 === 0 ? 200_000 : 30_000),
      ]),
    );
    const local = await temporaryDirectory();
    await writeTree(local, content);
    const { connect } = await serve({ storage: new DirectoryStorage(disk) });
    await expect(connect().uploadDirectory(local, 'target')).rejects.toMatchObject({ code: 'ENOSPC' });
    for (const [below, file] of Object.entries(await treeState(path.join(disk, 'target')))) {
      if (file.kind === 'file') expect(file.content?.length).toBe(content[below]?.length);
    }
  });
});

/** Mounts 1 MiB; false if this user may not. */
function mountedSmallDisk(directory: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', directory], { stdio: 'ignore' });
  } catch {
    return false;
  }
  onTestFinished(() => void execFileSync('umount', [directory], { stdio: 'ignore' }));
  return true;
}

/** The part of a hidden name that stands for this machine. */
async function hiddenTag(): Promise<string> {
  const root = await temporaryDirectory();
  const staging = await StagingDirectory.make(root);
  const [, tag = ''] = /\.([0-9a-f]{12})\./.exec(path.basename(staging?.path ?? '')) ?? [];
  await staging?.remove();
  return tag;
}
