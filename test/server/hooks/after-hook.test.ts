import { describe, expect, it } from 'vitest';
import type { TransferError } from '../../../src/errors.js';
import { AfterHook } from '../../../src/server/hooks/after-hook.js';
import type { HookOutcome } from '../../../src/server/hooks/hook-request.js';
import { until } from '../../support/until.js';

const outcome = { operation: 'stat' } as HookOutcome;

describe('the hook after', () => {
  it('has at most 10,000 unfinished calls; further outcomes are told as errors', async () => {
    const errors: TransferError[] = [];
    let calls = 0;
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const onCall = (): Promise<void> => {
      calls += 1;
      return released;
    };
    const hook = new AfterHook(onCall, 60_000, (error) => void errors.push(error));
    for (let count = 0; count < 10_002; count += 1) hook.run(outcome);
    await until(() => errors.length === 2);
    expect(errors.map(({ code }) => code)).toEqual(['EAGAIN', 'EAGAIN']);
    expect(calls).toBe(10_000);
    release();
    await hook.idle();
    hook.run(outcome);
    await hook.idle();
    expect(calls).toBe(10_001);
    expect(errors).toHaveLength(2);
  });

  it('is not called before the code that reports the end has returned', async () => {
    let calls = 0;
    const hook = new AfterHook(
      () => void (calls += 1),
      60_000,
      () => undefined,
    );
    hook.run(outcome);
    expect(calls).toBe(0);
    await hook.idle();
    expect(calls).toBe(1);
  });
});
