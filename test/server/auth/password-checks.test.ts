/** Proofs of earlier logins, and checks that equal logins share. */
import { describe, expect, it } from 'vitest';
import { PasswordChecks } from '../../../src/server/auth/password-checks.js';

/** Checks with a clock of the test, a password that is right, and the number of real checks. */
function checksOf(right = 'secret') {
  const state = { nowMs: 0, checked: 0 };
  const checks = new PasswordChecks({
    now: () => state.nowMs,
    verify: async (password, hash) => {
      state.checked += 1;
      await new Promise(setImmediate);
      return password === right && hash.startsWith('hash');
    },
  });
  return { state, checks };
}

describe('PasswordChecks', () => {
  it('does not check a right password again for some minutes', async () => {
    const { state, checks } = checksOf();
    for (let times = 0; times < 5; times++)
      expect(await checks.verify('ann', { password: 'secret', hash: 'hash' })).toBe(true);
    expect(state.checked).toBe(1);
    state.nowMs += 11 * 60_000;
    expect(await checks.verify('ann', { password: 'secret', hash: 'hash' })).toBe(true);
    expect(state.checked).toBe(2);
  });

  it('checks a wrong password each time, also after a right one', async () => {
    const { state, checks } = checksOf();
    await checks.verify('ann', { password: 'secret', hash: 'hash' });
    for (let times = 0; times < 3; times++)
      expect(await checks.verify('ann', { password: 'guess', hash: 'hash' })).toBe(false);
    expect(state.checked).toBe(4);
  });

  it('checks again for another user, or another hash of the user', async () => {
    const { state, checks } = checksOf();
    await checks.verify('ann', { password: 'secret', hash: 'hash 1' });
    await checks.verify('bob', { password: 'secret', hash: 'hash 1' });
    await checks.verify('ann', { password: 'secret', hash: 'hash 2' });
    expect(await checks.verify('ann', { password: 'secret', hash: 'another' })).toBe(false);
    expect(state.checked).toBe(4);
  });

  it('shares a check between equal logins at the same time, and no other one', async () => {
    const { state, checks } = checksOf();
    const rights = Array.from({ length: 20 }, () =>
      checks.verify('ann', { password: 'secret', hash: 'hash' }),
    );
    const wrongs = Array.from({ length: 20 }, () =>
      checks.verify('ann', { password: 'guess', hash: 'hash' }),
    );
    expect(await Promise.all(rights)).toEqual(rights.map(() => true));
    expect(await Promise.all(wrongs)).toEqual(wrongs.map(() => false));
    expect(state.checked).toBe(2);
  });

  it('keeps a bounded number of proofs', async () => {
    const { state, checks } = checksOf();
    for (let n = 0; n < 10_001; n++) await checks.verify(`user ${n}`, { password: 'secret', hash: 'hash' });
    await checks.verify('user 10000', { password: 'secret', hash: 'hash' });
    expect(state.checked).toBe(10_001);
    await checks.verify('user 0', { password: 'secret', hash: 'hash' });
    expect(state.checked).toBe(10_002);
  });

  it('ends a check that all its callers have left, and no other one', async () => {
    const signals: AbortSignal[] = [];
    const checks = new PasswordChecks({
      verify: (_password, _hash, options) =>
        new Promise((resolve, reject) => {
          const signal = options?.signal;
          if (signal) signals.push(signal);
          signal?.addEventListener('abort', () => reject(new Error('ended')));
          if (signals.length > 1) resolve(true);
        }),
    });
    const callers = [new AbortController(), new AbortController()];
    const left = callers.map(({ signal }) =>
      checks.verify('ann', { password: 'secret', hash: 'hash', signal }),
    );
    const outcomes = Promise.allSettled(left);
    callers[0]?.abort();
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    callers[1]?.abort();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(await checks.verify('ann', { password: 'secret', hash: 'hash' })).toBe(true);
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('remembers no check that failed with an error', async () => {
    let fails = true;
    const checks = new PasswordChecks({
      verify: async () => {
        if (fails) throw new Error('no memory');
        return true;
      },
    });
    await expect(checks.verify('ann', { password: 'secret', hash: 'hash' })).rejects.toThrow('no memory');
    fails = false;
    expect(await checks.verify('ann', { password: 'secret', hash: 'hash' })).toBe(true);
  });
});
