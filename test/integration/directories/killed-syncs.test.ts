/** Synchronisations by processes that are killed, and run again. */
import { describe, expect, it } from 'vitest';
import { runSync } from '../../support/directories/sync-process.js';
import { DIRECTIONS, sides } from '../../support/directories/sides.js';
import { manyFiles, treeState } from '../../support/directories/tree.js';

describe.each(DIRECTIONS)('sync: %s', (direction) => {
  it('does only the rest after a kill -9 of its process', async () => {
    const at = await sides(direction, { source: manyFiles(600) });
    const job = { port: at.port, from: at.from, to: at.to };
    expect(await runSync({ ...job, killAfter: 250 })).toBeUndefined();
    const arrived = Object.entries(await treeState(at.target)).filter(
      ([below, { kind }]) => kind === 'file' && !below.startsWith('.sync-'),
    );
    const source = await treeState(at.source);
    expect(arrived.length).toBeGreaterThanOrEqual(250);
    // No file has its name before it is complete.
    for (const [below, file] of arrived) expect(file).toEqual(source[below]);
    expect(await runSync(job)).toMatchObject({ files: 600 - arrived.length, isComplete: true });
    expect(await treeState(at.target)).toEqual(source);
    expect(await runSync(job)).toMatchObject({ files: 0, isComplete: true });
  });
});
