import { describe, expect, it } from 'vitest';
import type { FileEntry, StorageChange } from '../../../src/index.js';
import { parseRemotePath } from '../../../src/index.js';
import { ChangeQueue, MAX_PENDING_CHANGES } from '../../../src/storage/watching/change-queue.js';

function file(path: string, size = 0): FileEntry {
  return { path: parseRemotePath(path), kind: 'file', size, mtime: new Date(0), etag: String(size) };
}

function queueOf(entries: FileEntry[]): { queue: ChangeQueue; ends: () => number } {
  let ends = 0;
  return { queue: new ChangeQueue({ snapshot: () => entries, onEnd: () => (ends += 1) }), ends: () => ends };
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
