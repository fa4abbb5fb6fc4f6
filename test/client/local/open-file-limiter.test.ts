/** The bound of open local files, and what happens when the process has none left. */
import { describe, expect, it } from 'vitest';
import { TimerGroup } from '../../../src/client/connection/timer-group.js';
import { OpenFileLimiter } from '../../../src/client/local/open-file-limiter.js';
import { AbortScope } from '../../../src/client/request/abort-scope.js';
import { TransferError } from '../../../src/errors.js';

/** Timers that fire at once, and the delays that were asked for. */
function immediateTimers(): { delays: number[]; start: TimerGroup['start'] } {
  const delays: number[] = [];
  const start = (callback: () => void, ms: number): (() => void) => {
    delays.push(ms);
    const immediate = setImmediate(callback);
    return () => clearImmediate(immediate);
  };
  return { delays, start };
}

function outOfHandles(): TransferError {
  return new TransferError('EMFILE', 'as the system says it', {
    cause: Object.assign(new Error(), { code: 'EMFILE' }),
  });
}

/** Runs work in a limiter; without a signal. */
function run<Value>(
  limiter: OpenFileLimiter,
  work: () => Promise<Value>,
  signal?: AbortSignal,
): Promise<Value> {
  return AbortScope.run({ signal }, new TimerGroup(), (scope) => limiter.run(scope, work));
}

describe('OpenFileLimiter', () => {
  it('runs a bounded number of works at once, in their order', async () => {
    const limiter = new OpenFileLimiter(immediateTimers());
    let [running, most] = [0, 0];
    const order: number[] = [];
    const works = Array.from({ length: 500 }, (_, index) =>
      run(limiter, async () => {
        order.push(index);
        most = Math.max(most, (running += 1));
        await new Promise(setImmediate);
        running -= 1;
      }),
    );
    await Promise.all(works);
    expect(most).toBe(32);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });

  it('does all works with a few handles, one of which each work has twice', async () => {
    const timers = immediateTimers();
    const limiter = new OpenFileLimiter(timers);
    let handles = 7;
    const open = (): void => {
      if (handles === 0) throw outOfHandles();
      handles -= 1;
    };
    const work = async (): Promise<void> => {
      open();
      try {
        await new Promise(setImmediate);
        open();
        await new Promise(setImmediate);
        handles += 1;
      } finally {
        handles += 1;
      }
    };
    await Promise.all(Array.from({ length: 300 }, () => run(limiter, work)));
    expect(handles).toBe(7);
    expect(timers.delays).toEqual([]);
  });

  it('waits in pauses when it has no file open itself, and gives up after some seconds', async () => {
    const timers = immediateTimers();
    const limiter = new OpenFileLimiter(timers);
    const failing = run(limiter, () => Promise.reject(outOfHandles()));
    await expect(failing).rejects.toMatchObject({ code: 'EMFILE' });
    const total = timers.delays.reduce((sum, ms) => sum + ms, 0);
    expect(total).toBeGreaterThan(5_000);
    expect(total).toBeLessThan(15_000);
    expect(await run(limiter, async () => 5)).toBe(5);
  });

  it('fails all works after the same pauses, each with its own error', async () => {
    const timers = immediateTimers();
    const limiter = new OpenFileLimiter(timers);
    const errors = Array.from({ length: 200 }, outOfHandles);
    const works = errors.map((error) => run(limiter, () => Promise.reject(error)));
    const results = await Promise.allSettled(works);
    expect(results.map((result) => result.status === 'rejected' && result.reason === errors.shift())).toEqual(
      results.map(() => true),
    );
    expect(timers.delays.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(15_000);
  });

  it('has all pauses again after a success, and for works that come after the last pause', async () => {
    const timers = immediateTimers();
    const limiter = new OpenFileLimiter(timers);
    const failing = (): Promise<never> => Promise.reject(outOfHandles());
    await expect(run(limiter, failing)).rejects.toMatchObject({ code: 'EMFILE' });
    const pauses = timers.delays.splice(0);
    await expect(run(limiter, failing)).rejects.toMatchObject({ code: 'EMFILE' });
    expect(timers.delays.splice(0)).toEqual(pauses);
    let left = 5;
    const succeeding = run(limiter, async () => {
      if (left-- > 0) throw outOfHandles();
    });
    await succeeding;
    timers.delays.length = 0;
    await expect(run(limiter, failing)).rejects.toMatchObject({ code: 'EMFILE' });
    expect(timers.delays).toEqual(pauses);
  });

  it('succeeds when there is room after a pause', async () => {
    let left = 3;
    const work = async (): Promise<string> => {
      if (left-- > 0) throw outOfHandles();
      return 'done';
    };
    expect(await run(new OpenFileLimiter(immediateTimers()), work)).toBe('done');
  });

  it('does not repeat any other error, nor that of a server without handles', async () => {
    const limiter = new OpenFileLimiter(immediateTimers());
    for (const error of [new TransferError('EMFILE'), new TransferError('ENOSPC'), new Error('a mistake')]) {
      let works = 0;
      const failing = run(limiter, async () => {
        works += 1;
        throw error;
      });
      await expect(failing).rejects.toBe(error);
      expect(works).toBe(1);
    }
  });

  it('ends the waiting of a cancelled call, whose work never begins', async () => {
    const limiter = new OpenFileLimiter(immediateTimers());
    const { signal, abort } = ((controller) => ({
      signal: controller.signal,
      abort: () => controller.abort(),
    }))(new AbortController());
    let go = (): void => undefined;
    const gate = new Promise<void>((resolve) => (go = resolve));
    const running = Array.from({ length: 32 }, () => run(limiter, () => gate));
    let hasBegun = false;
    const cancelled = run(limiter, async () => void (hasBegun = true), signal);
    const later = run(limiter, async () => 'later');
    await new Promise(setImmediate);
    abort();
    await expect(cancelled).rejects.toMatchObject({ code: 'ECANCELED' });
    go();
    await Promise.all(running);
    expect(await later).toBe('later');
    expect(hasBegun).toBe(false);
  });
});
