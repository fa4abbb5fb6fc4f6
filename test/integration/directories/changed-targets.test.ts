/** Targets that change between the comparison and the action of a plan. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PlanOptions, SyncAction } from '../../../src/index.js';
import { DIRECTIONS, sides, type Sides } from '../../support/directories/sides.js';
import { TREE_MTIME, treeState } from '../../support/directories/tree.js';

const LARGE = 'x'.repeat(300_000);

async function planned(at: Sides, options: PlanOptions): Promise<SyncAction[]> {
  const plan: SyncAction[] = [];
  for await (const action of at.client.planSync(at.from, at.to, options)) plan.push(action);
  return plan;
}

const content = (directory: string, below: string): Promise<string> =>
  fs.readFile(path.join(directory, below), 'utf8');

describe.each(DIRECTIONS)('applyPlan: %s', (direction) => {
  it.each([
    ['rename', 'mirror'],
    ['copy', 'update'],
  ] as const)('does not %s a file that has changed since it was compared', async (kind, mode) => {
    const at = await sides(direction, { source: { new: LARGE }, target: { old: LARGE } });
    const plan = await planned(at, { mode });
    expect(plan).toContainEqual(expect.objectContaining({ kind, path: 'new', from: 'old' }));
    await fs.writeFile(path.join(at.target, 'old'), 'y'.repeat(LARGE.length));
    const result = await at.client.applyPlan(plan, at);
    expect(result).toMatchObject({ isComplete: false, copied: 0, renamed: 0 });
    expect(result.failed).toMatchObject([{ action: { kind }, error: { code: 'ESTALE' } }]);
    expect(await fs.readdir(at.target)).toEqual(['old']);
    await at.client.sync(at.from, at.to, { mode });
    expect(await content(at.target, 'new')).toBe(LARGE);
  });

  it('copies a file of which the plan has set the time', async () => {
    const at = await sides(direction, {
      source: { kept: LARGE, new: LARGE },
      target: { kept: LARGE },
    });
    await fs.utimes(path.join(at.target, 'kept'), 1, 1);
    const plan = await planned(at, { checksum: true });
    const result = await at.client.applyPlan(plan, at);
    expect(result).toMatchObject({ isComplete: true, files: 0, copied: 1 });
    expect(await treeState(at.target)).toEqual(await treeState(at.source));
  });
});

describe('applyPlan to a server', () => {
  it('does not delete a file that has changed, and has its size and time as before', async () => {
    const at = await sides('upload', { target: { kept: 'older' }, source: { a: 'a' } });
    const plan: SyncAction[] = [];
    const options = { mode: 'mirror', maxDelete: 1 } as const;
    for await (const action of at.client.planSync(at.from, at.to, options)) plan.push(action);
    const kept = path.join(at.target, 'kept');
    await fs.writeFile(kept, 'newer');
    await fs.utimes(kept, TREE_MTIME, TREE_MTIME);
    const result = await at.client.applyPlan(plan, at);
    expect(result).toMatchObject({ files: 1, deleted: 0, failed: [{ error: { code: 'ESTALE' } }] });
    expect(await content(at.target, 'kept')).toBe('newer');
  });
});
