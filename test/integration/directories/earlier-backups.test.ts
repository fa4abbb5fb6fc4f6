import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { DIRECTIONS, sides } from '../../support/directories/sides.js';

describe.each(DIRECTIONS)('a mirror with a backup directory for each night: %s', (direction) => {
  it('leaves the backups of earlier nights alone', async () => {
    const { client, from, to, source, target } = await sides(direction, {
      source: { plan: 'monday', old: 'old' },
    });
    const backUp = async (night: string) =>
      client.sync(from, to, { mode: 'mirror', backupDirectory: `.backup/${night}` });
    await backUp('monday');
    await fs.writeFile(path.join(source, 'plan'), 'tuesday!');
    await backUp('tuesday');
    await fs.rm(path.join(source, 'old'));
    expect(await backUp('wednesday')).toMatchObject({ isComplete: true, deleted: 1 });
    expect(await backUp('thursday')).toMatchObject({ isComplete: true, deleted: 0, files: 0 });
    expect(await filesOf(target)).toEqual(['.backup/tuesday/plan', '.backup/wednesday/old', 'plan']);
    expect(await filesOf(source)).toEqual(['plan']);
  });

  it('compares what the source has in the directory above them', async () => {
    const { client, from, to, target } = await sides(direction, {
      source: { 'old/kept': 'kept', 'old/changed': 'after that' },
      target: { 'old/changed': 'before', 'old/monday/a': 'a', 'older/extra': 'extra' },
    });
    await client.sync(from, to, { mode: 'mirror', backupDirectory: 'old/tuesday' });
    expect(await filesOf(target)).toEqual([
      'old/changed',
      'old/kept',
      'old/monday/a',
      'old/tuesday/old/changed',
      'old/tuesday/older/extra',
    ]);
  });
});

async function filesOf(directory: string): Promise<string[]> {
  const entries = await fs.readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();
}
