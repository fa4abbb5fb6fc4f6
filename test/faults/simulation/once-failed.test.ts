import { describe, expect, it } from 'vitest';
import type { Plan, PlannedStep } from './plan.js';
import { simulate } from './simulate.js';

const upload = {
  step: { kind: 'upload', name: 'a', size: 0, overwrite: false },
  afterMs: 0,
  cancelMs: undefined,
  paceMs: 0,
} satisfies PlannedStep;

const plain: Plan = {
  seed: 0,
  codec: 'binary',
  strategy: 'non-blocking',
  connection: 'persistent',
  reconnect: true,
  lanes: [[upload]],
  fates: [],
  closeMs: undefined,
  closeBy: 'close',
};

describe('a plan of the simulation that failed once', () => {
  it('closes a busy on-demand client without leaving a timer', async () => {
    expect(await simulate({ ...plain, connection: 'on-demand', closeMs: 0 })).toMatchObject({ wrong: [] });
  });

  it('sends all buffered bytes before later writes', async () => {
    const step: PlannedStep = { ...upload, step: { ...upload.step, size: 65_535 }, paceMs: 78 };
    const cut = { direction: 'toServer', by: 'reset' } as const;
    const fates = [
      { bytesPerSecond: 893_179, cut: { ...cut, afterBytes: 136 } },
      { bytesPerSecond: 119_000, cut: { ...cut, afterBytes: 138 } },
    ];
    expect(await simulate({ ...plain, seed: 18, lanes: [[step]], fates })).toMatchObject({
      done: 1,
      wrong: [],
    });
  });
});
