import { describe, expect, it } from 'vitest';
import { REMOTE_ROOT } from '../../../src/protocol/remote-path.js';
import type { Exchange } from '../../../src/server/request/exchange.js';
import { UploadRegistry } from '../../../src/server/uploads/upload-registry.js';

/** The part of an exchange that uploads use. */
function exchangeOf(uploadId: string): Exchange {
  const exchange = {
    uploadId,
    request: {},
    throwIfCancelled: () => undefined,
    interrupt: () => undefined,
    waitWithTimeout: (other: Promise<void>) => other,
  };
  return exchange as unknown as Exchange;
}

const makeUploads = (maxInterrupted = 2) =>
  new UploadRegistry({ maxSuspendedUploads: maxInterrupted, suspendedExpiryMs: 1_000 });

describe('uploads with an id', () => {
  it('are used by one request at a time, however many wait and however each ends', async () => {
    const uploads = makeUploads();
    const log: string[] = [];
    const works = ['1', '2', '3', '4'].map((name) =>
      uploads.runExclusive('id', exchangeOf('id'), async () => {
        log.push(`${name} begins`);
        await Promise.resolve();
        log.push(`${name} ends`);
        if (name === '2') throw new Error('no');
      }),
    );
    const ends = await Promise.allSettled(works);
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    const pairs = [0, 2, 4, 6].map((from) => log.slice(from, from + 2).map((line) => line[0]));
    expect(pairs.every(([first, last]) => first === last)).toBe(true);
    expect(log).toHaveLength(8);
  });

  it('are not used by the next request while the work of an ended one continues', async () => {
    const uploads = makeUploads();
    const [first, second] = [exchangeOf('id'), exchangeOf('id')];
    let finish = (): void => undefined;
    uploads.attach(first);
    const held = uploads.runExclusive('id', first, () => new Promise<void>((resolve) => (finish = resolve)));
    uploads.detach(first);
    uploads.attach(second);
    const log: string[] = [];
    const next = uploads.runExclusive('id', second, async () => void log.push('next'));
    await Promise.resolve();
    expect(log).toEqual([]);
    finish();
    await Promise.all([held, next]);
    expect(log).toEqual(['next']);
  });

  it('are remembered after their completion, up to a maximum number', () => {
    const uploads = makeUploads(2);
    for (const id of ['a', 'b', 'a', 'c'])
      uploads.done(id, { path: REMOTE_ROOT, result: { size: 1 }, account: 'a' });
    const known = ['a', 'b', 'c'].filter((id) => uploads.resultOf(id, REMOTE_ROOT) !== undefined);
    expect(known).toEqual(['a', 'c']);
  });
});
