/** Progress in files and bytes. */
import { describe, expect, it } from 'vitest';
import { ProgressMeter, type SyncProgress } from '../../../../src/client/directories/apply/sync-progress.js';
import type { TransferAction } from '../../../../src/index.js';

const action: TransferAction = {
  kind: 'transfer',
  path: 'a',
  reason: 'new',
  bytes: 1_000,
  source: { size: 1_000 },
};

function metered(): { meter: ProgressMeter; told: SyncProgress[]; advance: (ms: number) => void } {
  const told: SyncProgress[] = [];
  let nowMs = 0;
  const meter = new ProgressMeter(
    (progress) => told.push(progress),
    () => nowMs,
  );
  return { meter, told, advance: (ms) => void (nowMs += ms) };
}

describe('ProgressMeter', () => {
  it('tells the progress at most every 100 ms, and at the end', () => {
    const { meter, told, advance } = metered();
    for (let count = 0; count < 50; count++) {
      meter.scanned(count);
      advance(10);
    }
    expect(told).toHaveLength(5);
    meter.finish();
    expect(told.at(-1)).toMatchObject({ scanned: 49 });
  });

  it('never falls, and counts no byte twice', () => {
    const { meter, told } = metered();
    meter.planned(action);
    const progress = meter.of(action);
    for (const bytes of [300, 200, 5_000, 100]) progress.reach(bytes);
    progress.finish();
    meter.ended(action, true);
    meter.finish();
    expect(told.at(-1)).toMatchObject({
      bytes: 1_000,
      bytesTotal: 1_000,
      files: 1,
      filesTotal: 1,
      actions: 1,
    });
  });

  it('tells the oldest 16 files that are on their way', () => {
    const { meter, told } = metered();
    const actions = Array.from({ length: 20 }, (_, index) => ({ ...action, path: `${index}` }));
    for (const one of actions) meter.of(one).reach(10);
    meter.ended(actions[0] ?? action, true);
    meter.finish();
    expect(told.at(-1)?.current).toEqual(
      actions.slice(1, 17).map(({ path }) => ({ path, bytes: 10, bytesTotal: 1_000 })),
    );
    for (const one of actions) meter.ended(one, false);
    meter.finish();
    expect(told.at(-1)?.current).toEqual([]);
  });

  it('does not count bytes of an earlier call toward the rate', () => {
    const { meter, told, advance } = metered();
    meter.planned(action);
    const progress = meter.of(action);
    progress.reach(600);
    advance(1_000);
    progress.reach(700);
    expect(told.at(-1)).toMatchObject({ bytes: 700, bytesPerSecond: 100 });
  });
});
