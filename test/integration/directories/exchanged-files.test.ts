/** Files of a source that another program exchanges for symbolic links after they were compared. */
import { renameSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SyncAction } from '../../../src/index.js';
import { sides, type Sides } from '../../support/directories/sides.js';
import { treeState, TREE_MTIME } from '../../support/directories/tree.js';
import { temporaryDirectory } from '../../support/servers/serve.js';

const SMALL = 1_000;
const LARGE = 200_000;

/** Exchanges a file for a link to another one of the same size and time. */
function exchange(file: string, outside: string, bytes: number): void {
  writeFileSync(outside, 'S'.repeat(bytes));
  utimesSync(outside, TREE_MTIME, TREE_MTIME);
  symlinkSync(outside, `${file}.link`);
  renameSync(`${file}.link`, file);
}

async function storedIn({ target }: Sides): Promise<string[]> {
  return Object.entries(await treeState(target)).map(([below, { content }]) => `${below}: ${content ?? ''}`);
}

function placesOf({ from, to }: Sides): Pick<Sides, 'from' | 'to'> {
  return { from, to };
}

describe.skipIf(process.platform === 'win32')('a file that becomes a symbolic link', () => {
  it.each([SMALL, LARGE])('between a plan and its execution is not read (%i bytes)', async (bytes) => {
    const at = await sides('upload', { source: { file: 'x'.repeat(bytes) } });
    const plan: SyncAction[] = [];
    for await (const action of at.client.planSync(at.from, at.to)) plan.push(action);
    exchange(path.join(at.source, 'file'), path.join(await temporaryDirectory(), 'secret'), bytes);
    const result = await at.client.applyPlan(plan, placesOf(at));
    expect(result).toMatchObject({ files: 0, failed: [], changed: [{ path: 'file' }], isComplete: false });
    expect(await storedIn(at)).toEqual([]);
  });

  it.each([SMALL, LARGE])('during a sync is not read (%i bytes)', async (bytes) => {
    const at = await sides('upload', { source: { a: 'a', file: 'x'.repeat(bytes) } });
    const outside = path.join(await temporaryDirectory(), 'secret');
    const filter = ({ path: below }: { path: string }): boolean => {
      if (below === 'file') exchange(path.join(at.source, 'file'), outside, bytes);
      return true;
    };
    const result = await at.client.sync(at.from, at.to, { filter });
    expect(result).toMatchObject({ files: 1, failed: [], changed: [{ path: 'file' }] });
    expect(await storedIn(at)).toEqual(['a: a']);
    // The next sync skips the link.
    expect(await at.client.sync(at.from, at.to)).toMatchObject({ isComplete: true, files: 0 });
  });

  it('is not read for its end', async () => {
    const at = await sides('upload', {
      source: { log: 'x'.repeat(LARGE + 100) },
      target: { log: 'x'.repeat(LARGE) },
    });
    const plan: SyncAction[] = [];
    for await (const action of at.client.planSync(at.from, at.to)) plan.push(action);
    expect(plan[0]?.kind).toBe('append');
    exchange(path.join(at.source, 'log'), path.join(await temporaryDirectory(), 'secret'), LARGE + 100);
    expect(await at.client.applyPlan(plan, placesOf(at))).toMatchObject({ changed: [{ path: 'log' }] });
    expect(await storedIn(at)).toEqual([`log: ${'x'.repeat(LARGE)}`]);
  });

  it('is not compared by its content', async () => {
    const at = await sides('upload', {
      source: { file: 'x'.repeat(SMALL) },
      target: { file: 'S'.repeat(SMALL) },
    });
    const outside = path.join(await temporaryDirectory(), 'secret');
    const filter = ({ side }: { side: string }): boolean => {
      if (side === 'source') exchange(path.join(at.source, 'file'), outside, SMALL);
      return true;
    };
    const check = at.client.check(at.from, at.to, { checksum: true, filter });
    const actions: string[] = [];
    for await (const { kind, path: below } of check) actions.push(`${kind} ${below}`);
    expect(actions).toEqual(['problem file']);
    expect(check.counts.equal).toBe(0);
  });

  it.runIf(process.platform === 'linux')('is not read if its name is not UTF-8', async () => {
    const at = await sides('upload');
    const name = Buffer.concat([Buffer.from(`${at.source}/`), Buffer.from([0x66, 0xff])]);
    await fs.writeFile(name, 'x');
    await fs.utimes(name, TREE_MTIME, TREE_MTIME);
    const plan: SyncAction[] = [];
    for await (const action of at.client.planSync(at.from, at.to, { encodeNames: true })) plan.push(action);
    const secret = path.join(await temporaryDirectory(), 'secret');
    await fs.writeFile(secret, 'S');
    await fs.utimes(secret, TREE_MTIME, TREE_MTIME);
    await fs.rm(name);
    await fs.symlink(secret, name);
    expect(await at.client.applyPlan(plan, placesOf(at))).toMatchObject({ files: 0, changed: [{}] });
    expect(await storedIn(at)).toEqual([]);
  });

  it('is sent if it was a link when the plan was made, and links are followed', async () => {
    for (const bytes of [SMALL, LARGE]) {
      const at = await sides('upload', { source: { file: 'x' } });
      exchange(path.join(at.source, 'file'), path.join(await temporaryDirectory(), 'meant'), bytes);
      const plan: SyncAction[] = [];
      for await (const action of at.client.planSync(at.from, at.to, { links: 'follow' })) plan.push(action);
      expect(plan[0]).toMatchObject({ kind: 'transfer', source: { isLink: true } });
      const result = await at.client.applyPlan(
        JSON.parse(JSON.stringify(plan)) as SyncAction[],
        placesOf(at),
      );
      expect(result).toMatchObject({ isComplete: true, files: 1 });
      expect(await storedIn(at)).toEqual([`file: ${'S'.repeat(bytes)}`]);
    }
  });
});

describe.skipIf(process.platform === 'win32')('a symbolic link of a source', () => {
  it('that is skipped is reported, and the result is complete', async () => {
    const at = await sides('upload', { source: { a: 'a' } });
    await fs.symlink('a', path.join(at.source, 'link'));
    const problems = [{ path: 'link', reason: 'link', isSkipped: true }];
    for (const links of [undefined, 'skip'] as const)
      expect(await at.client.sync(at.from, at.to, { links })).toMatchObject({ isComplete: true, problems });
    expect(await storedIn(at)).toEqual(['a: a']);
  });

  it('that leads to nothing is a problem where links are followed', async () => {
    const at = await sides('upload', { source: { a: 'a' } });
    await fs.symlink('missing', path.join(at.source, 'link'));
    const result = await at.client.sync(at.from, at.to, { links: 'follow' });
    expect(result).toMatchObject({ isComplete: false, problems: [{ path: 'link', reason: 'link' }] });
    expect(result.problems[0]).not.toHaveProperty('isSkipped');
  });

  it('is no excuse for one of a target, at whose place a file is not stored', async () => {
    const at = await sides('download', { source: { a: 'a', link: 'b' } });
    await fs.symlink('a', path.join(at.target, 'link'));
    const result = await at.client.sync(at.from, at.to);
    expect(result).toMatchObject({
      isComplete: false,
      files: 1,
      problems: [{ path: 'link', reason: 'link' }],
    });
    expect(await fs.readlink(path.join(at.target, 'link'))).toBe('a');
  });
});

describe.each(['upload', 'download'] as const)('check() after a mirror with backups: %s', (direction) => {
  it('finds no difference if it leaves out the backup directory, too', async () => {
    const at = await sides(direction, { source: { plan: 'monday' }, target: { plan: 'sunday!', old: 'x' } });
    const backupDirectory = '.backup/monday';
    await at.client.sync(at.from, at.to, { mode: 'mirror', backupDirectory });
    const actions: string[] = [];
    const check = at.client.check(at.from, at.to, { backupDirectory });
    for await (const { kind, path: below } of check) actions.push(`${kind} ${below}`);
    expect(actions.filter((action) => !action.startsWith('touch'))).toEqual([]);
    expect(check.counts).toMatchObject({ equal: 1, different: 0, missing: 0, extra: 0 });
  });
});
