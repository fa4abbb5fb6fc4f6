import { afterEach, describe, expect, it, vi } from 'vitest';
import type { FileEntry, StorageChange } from '../../../src/index.js';
import { parseRemotePath } from '../../../src/index.js';
import { ChangeBudget } from '../../../src/storage/watching/change-budget.js';
import { ChangeQueue, MAX_PENDING_CHANGES } from '../../../src/storage/watching/change-queue.js';
import { MAX_SNAPSHOT_WAIT_MS } from '../../../src/storage/watching/snapshot-budget.js';

function file(path: string, size = 0): FileEntry {
  return { path: parseRemotePath(path), kind: 'file', size, mtime: new Date(0), etag: String(size) };
}

function queueOf(
  entries: FileEntry[],
  budget = new ChangeBudget(),
): { queue: ChangeQueue; ends: () => number } {
  let ends = 0;
  const source = { snapshot: () => entries, onEnd: () => (ends += 1) };
  return { queue: new ChangeQueue(source, budget), ends: () => ends };
}

describe('a queue of changes', () => {
  it('gives a snapshot, and after it only the changes that were made since', async () => {
    const { queue } = queueOf([file('a')]);
    queue.push([{ event: 'created', entry: file('a') }]);
    const batches = queue.batches(new AbortController().signal);
    expect((await batches.next()).value).toEqual([{ event: 'present', entry: file('a') }]);
    expect((await batches.next()).value).toEqual([{ event: 'ready' }]);
    queue.push([{ event: 'removed', path: parseRemotePath('a') }]);
    expect((await batches.next()).value).toEqual([{ event: 'removed', path: 'a' }]);
  });

  it('joins the changes of a file, but not across a rename', async () => {
    const { queue } = queueOf([]);
    const batches = queue.batches(new AbortController().signal);
    await batches.next();
    const rename: StorageChange = { event: 'renamed', entry: file('b'), from: parseRemotePath('a') };
    queue.push([
      { event: 'created', entry: file('a', 1) },
      { event: 'changed', entry: file('a', 2) },
      rename,
      { event: 'changed', entry: file('a', 3) },
      { event: 'changed', entry: file('a', 4) },
    ]);
    expect((await batches.next()).value).toEqual([
      { event: 'created', entry: file('a', 2) },
      rename,
      { event: 'changed', entry: file('a', 4) },
    ]);
  });

  it('gives what is lost as a snapshot when too many changes wait, and keeps none of them', async () => {
    const { queue } = queueOf([file('now')]);
    const batches = queue.batches(new AbortController().signal);
    await batches.next();
    await batches.next();
    for (let index = 0; index <= MAX_PENDING_CHANGES; index++)
      queue.push([{ event: 'created', entry: file(`f${index}`) }]);
    expect((await batches.next()).value).toEqual([{ event: 'lost' }]);
    expect((await batches.next()).value).toEqual([{ event: 'present', entry: file('now') }]);
    expect((await batches.next()).value).toEqual([{ event: 'ready' }]);
    queue.push([{ event: 'created', entry: file('next') }]);
    expect((await batches.next()).value).toEqual([{ event: 'created', entry: file('next') }]);
  });

  it('ends once: by its signal, or by an error after the changes that wait', async () => {
    const controller = new AbortController();
    const aborted = queueOf([]);
    const batches = aborted.queue.batches(controller.signal);
    await batches.next();
    const next = batches.next();
    controller.abort();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(aborted.ends()).toBe(1);
    const failed = queueOf([]);
    const failing = failed.queue.batches(new AbortController().signal);
    await failing.next();
    failed.queue.push([{ event: 'created', entry: file('a') }]);
    failed.queue.fail(new Error('gone'));
    expect((await failing.next()).value).toHaveLength(1);
    await expect(failing.next()).rejects.toThrow('gone');
    expect(failed.ends()).toBe(1);
  });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('the queues of a storage', () => {
  const signal = new AbortController().signal;

  /** A watch whose snapshot was taken, and the number of its changes. */
  async function ready(budget: ChangeBudget) {
    const { queue } = queueOf([], budget);
    const batches = queue.batches(signal);
    await batches.next();
    const push = (count: number): void => {
      for (let index = 0; index < count; index += 1)
        queue.push([{ event: 'created', entry: file(`f${index}`) }]);
    };
    return { batches, push };
  }

  it('drop the changes of the one that keeps the most when all keep too many', async () => {
    const budget = new ChangeBudget({ changes: 10 });
    const [most, other] = [await ready(budget), await ready(budget)];
    most.push(6);
    other.push(5);
    expect((await most.batches.next()).value).toEqual([{ event: 'lost' }]);
    expect((await other.batches.next()).value).toHaveLength(5);
  });

  it('keep nothing for a watch that has not begun, and may never do', async () => {
    const budget = new ChangeBudget({ changes: 2 });
    const { queue } = queueOf([], budget);
    const other = await ready(budget);
    for (let index = 0; index < 5; index += 1) queue.push([{ event: 'created', entry: file(`${index}`) }]);
    expect(queue.pendingChanges).toBe(0);
    other.push(2);
    expect((await other.batches.next()).value).toHaveLength(2);
  });

  it('keep as many changes as before when some were taken, or a watch has ended', async () => {
    const budget = new ChangeBudget({ changes: 10 });
    const [one, other] = [await ready(budget), await ready(budget)];
    one.push(9);
    expect((await one.batches.next()).value).toHaveLength(9);
    one.push(9);
    await one.batches.return(undefined);
    other.push(10);
    expect((await other.batches.next()).value).toHaveLength(10);
  });

  it('let a further snapshot wait while the others have too many entries, and take it when one of those was sent', async () => {
    const budget = new ChangeBudget({ entries: 3 });
    const first = queueOf([file('a'), file('b')], budget).queue.batches(signal);
    await first.next();
    const entries = [file('a'), file('c')];
    const waiting = queueOf(entries, budget);
    const later = queueOf([file('d')], budget).queue.batches(signal);
    let count = 0;
    const next = waiting.queue.batches(signal).next();
    const last = later.next();
    void next.then(() => (count += 1));
    void last.then(() => (count += 1));
    await new Promise((resolve) => setImmediate(resolve));
    // The last one has room, but came later.
    expect(count).toBe(0);
    waiting.queue.push([{ event: 'created', entry: file('e') }]);
    entries.push(file('e'));
    expect((await first.next()).value).toEqual([{ event: 'ready' }]);
    expect((await next).value).toHaveLength(3);
    expect(count).toBe(1);
    await waiting.queue.batches(signal).return(undefined);
  });

  it('refuse a snapshot that has waited for ten seconds, and end one that waits with its signal or its error', async () => {
    vi.useFakeTimers();
    const budget = new ChangeBudget({ entries: 1 });
    const reader = queueOf([file('a')], budget).queue.batches(signal);
    await reader.next();
    const refused = queueOf([file('b')], budget);
    const outcome = refused.queue.batches(signal).next();
    const expected = expect(outcome).rejects.toMatchObject({ code: 'EAGAIN', retryable: true });
    await vi.advanceTimersByTimeAsync(MAX_SNAPSHOT_WAIT_MS);
    await expected;
    expect(refused.ends()).toBe(1);
    const controller = new AbortController();
    const aborted = queueOf([file('c')], budget);
    const end = aborted.queue.batches(controller.signal).next();
    controller.abort();
    expect(await end).toEqual({ done: true, value: undefined });
    const failed = queueOf([file('d')], budget);
    const failure = failed.queue.batches(signal).next();
    failed.queue.fail(new Error('gone'));
    await expect(failure).rejects.toThrow('gone');
    expect([aborted.ends(), failed.ends(), vi.getTimerCount()]).toEqual([1, 1, 0]);
    expect((await reader.next()).value).toEqual([{ event: 'ready' }]);
    expect(
      (
        await queueOf([file('e')], budget)
          .queue.batches(signal)
          .next()
      ).value,
    ).toHaveLength(1);
  });

  it('share a snapshot, and send one of any size if it is the only one', async () => {
    const budget = new ChangeBudget({ entries: 1 });
    const entries = [file('a'), file('b')];
    for (const queue of [queueOf(entries, budget), queueOf(entries, budget)])
      expect((await queue.queue.batches(signal).next()).value).toHaveLength(2);
    const controller = new AbortController();
    const other = queueOf([file('c')], budget)
      .queue.batches(controller.signal)
      .next();
    setImmediate(() => controller.abort());
    expect(await other).toEqual({ done: true, value: undefined });
  });
});
