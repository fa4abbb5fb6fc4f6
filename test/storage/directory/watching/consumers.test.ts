/** Consumers of one directory, to which changes are given in turns. */
import { describe, expect, it } from 'vitest';
import type { FileEntry, StorageChange } from '../../../../src/index.js';
import { parseRemotePath } from '../../../../src/protocol/remote-path.js';
import { Consumers } from '../../../../src/storage/directory/watching/consumers.js';
import { ChangeBudget } from '../../../../src/storage/watching/change-budget.js';

const COUNT = 10;

const file = (path: string): FileEntry => ({
  path: parseRemotePath(path),
  kind: 'file',
  size: 0,
  mtime: new Date(0),
});

/** As many changes as are given in one turn. */
const changes: StorageChange[] = Array.from({ length: 4_096 }, (_, index) => ({
  event: 'created',
  entry: file(`f${index}`),
}));

function consumersOf(entries: readonly FileEntry[]) {
  let ends = 0;
  const consumers = new Consumers({
    budget: new ChangeBudget(),
    entries: () => entries,
    onEmpty: () => (ends += 1),
  });
  return { consumers, ends: () => ends };
}

/** A queue whose consumer has its snapshot, of no entries. */
async function ready(consumers: Consumers) {
  const queue = consumers.add();
  const batches = queue.batches(new AbortController().signal);
  expect((await batches.next()).value).toEqual([{ event: 'ready' }]);
  return { queue, batches };
}

describe('the consumers of a directory', () => {
  it('are given many changes in turns, between which other work is done', async () => {
    const { consumers } = consumersOf([]);
    const all = await Promise.all(Array.from({ length: COUNT }, () => ready(consumers)));
    consumers.fallBehind();
    const delivered = consumers.deliver(changes);
    const given = (): number => all.filter(({ queue }) => queue.pendingChanges > 0).length;
    const seen: number[] = [];
    for (let turn = 0; turn < COUNT; turn += 1) {
      seen.push(given());
      await new Promise((resolve) => void setImmediate(resolve));
    }
    expect(seen).toEqual(Array.from({ length: COUNT }, (_, turn) => turn + 1));
    await delivered;
    for (const { batches } of all) expect((await batches.next()).value).toEqual(changes);
  });

  it('that take a snapshot meanwhile do not get its changes again', async () => {
    const { consumers } = consumersOf([]);
    const { batches } = await ready(consumers);
    consumers.add();
    const late = consumers.add();
    consumers.fallBehind();
    const delivered = consumers.deliver(changes);
    const lateBatches = late.batches(new AbortController().signal);
    expect((await lateBatches.next()).value).toEqual([{ event: 'ready' }]);
    await delivered;
    expect(late.pendingChanges).toBe(0);
    expect((await batches.next()).value).toEqual(changes);
    consumers.fallBehind();
    await consumers.deliver([{ event: 'removed', path: parseRemotePath('f0') }]);
    expect((await lateBatches.next()).value).toEqual([{ event: 'removed', path: 'f0' }]);
  });

  it('end the watch with the last of them', () => {
    const { consumers, ends } = consumersOf([]);
    const [one, other] = [consumers.add(), consumers.add()];
    consumers.remove(one);
    expect(ends()).toBe(0);
    consumers.remove(other);
    expect(ends()).toBe(1);
  });
});
