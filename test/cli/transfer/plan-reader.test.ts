import { describe, expect, it } from 'vitest';
import { PlanReader } from '../../../src/cli/transfer/files/plan-reader.js';
import type { SyncAction } from '../../../src/index.js';
import { until } from '../../support/until.js';

function sending(path: string): SyncAction {
  return { kind: 'transfer', path, reason: 'new', bytes: 10, source: { size: 10 } };
}

async function* plan(count: number, onEnd: () => unknown = () => {}): AsyncGenerator<SyncAction> {
  try {
    for (let index = 0; index < count; index += 1) yield sending(`${index}`);
  } finally {
    onEnd();
  }
}

describe('PlanReader', () => {
  it('knows the totals while the first action is carried out', async () => {
    const reader = new PlanReader(plan(1_000));
    const seen: string[] = [];
    for await (const { path } of reader.actions()) {
      if (seen.length === 0) await until(() => reader.totals.isPlanned);
      seen.push(path);
    }
    expect(seen).toHaveLength(1_000);
    expect(reader.totals).toEqual({ bytesTotal: 10_000, filesTotal: 1_000, isPlanned: true });
  });

  it('ends the plan when the iteration ends', async () => {
    let isEnded = false;
    const reader = new PlanReader(plan(1e9, () => (isEnded = true)));
    for await (const action of reader.actions()) if (action.path === '5') break;
    await until(() => isEnded);
  });

  it('gives all actions that come before the error of a plan', async () => {
    const reader = new PlanReader(failing());
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { path } of reader.actions()) {
        seen.push(path);
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    await expect(reading).rejects.toThrow('plan failed');
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  it('does not count what is left out, and passes the error of a plan on', async () => {
    const reader = new PlanReader(failing());
    const reading = (async () => {
      for await (const action of reader.actions()) reader.leaveOut(action);
    })();
    await expect(reading).rejects.toThrow('plan failed');
    expect(reader.totals).toMatchObject({ isPlanned: false });
  });
});

async function* failing(): AsyncGenerator<SyncAction> {
  for (const path of ['a', 'b', 'c']) yield sending(path);
  await Promise.reject(new Error('plan failed'));
}
