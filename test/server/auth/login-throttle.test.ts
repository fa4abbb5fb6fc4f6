import { describe, expect, it } from 'vitest';
import { LoginThrottle } from '../../../src/server/auth/login-throttle.js';

/** Penalties, and a clock to turn. */
function penalties() {
  let now = 0;
  const made = new LoginThrottle(() => now);
  const fail = (address: string, times: number): number[] =>
    Array.from({ length: times }, () => made.recordFailure(address));
  return { made, fail, wait: (ms: number) => (now += ms) };
}

describe('the login throttle', () => {
  it('OpenSSH: failures of one address make it wait', () => {
    const { made, fail } = penalties();
    expect(fail('10.0.0.1', 9)).toEqual([0, 200, 400, 800, 1_600, 3_200, 4_000, 4_000, 4_000]);
    expect(made.check('10.0.0.1')).toBeUndefined();
    fail('10.0.0.1', 1);
    expect(made.check('10.0.0.1')).toMatchObject({ code: 'EAGAIN', retryable: true });
  });

  it('does not delay other addresses', () => {
    const { made, fail } = penalties();
    fail('10.0.0.1', 20);
    expect(made.check('10.0.0.2')).toBeUndefined();
    expect(made.recordFailure('10.0.0.2')).toBe(0);
  });

  it('forgives failures one after the other with time', () => {
    const { made, fail, wait } = penalties();
    fail('10.0.0.1', 10);
    wait(30_000);
    expect(made.check('10.0.0.1')).toBeUndefined();
    fail('10.0.0.1', 1);
    expect(made.check('10.0.0.1')).toBeDefined();
    wait(10 * 30_000);
    expect(made.recordFailure('10.0.0.1')).toBe(0);
  });

  it('says how long an address has to wait', () => {
    const { made, fail, wait } = penalties();
    fail('10.0.0.1', 10);
    const { retryAfterMs = 0 } = made.check('10.0.0.1') ?? {};
    wait(retryAfterMs - 1);
    expect(made.check('10.0.0.1')).toMatchObject({ retryAfterMs: 1 });
    wait(1);
    expect(made.check('10.0.0.1')).toBeUndefined();
    fail('10.0.0.1', 2);
    expect(made.check('10.0.0.1')?.retryAfterMs).toBeGreaterThan(30_000);
  });

  it('counts failures for the whole network of an IPv6 address, which one host can have', () => {
    const { made, fail } = penalties();
    for (let host = 1; host <= 10; host++) fail(`2001:db8:1:2::${host}`, 1);
    expect(made.check('2001:db8:1:2:ffff::1')).toBeDefined();
    expect(made.check('2001:db8:1:3::1')).toBeUndefined();
  });

  it('counts no failures without an address', () => {
    const { made } = penalties();
    for (let times = 0; times < 20; times++) expect(made.recordFailure(undefined)).toBe(0);
    expect(made.check(undefined)).toBeUndefined();
  });

  it('remembers 10,000 addresses, those that failed last', () => {
    const { made, fail } = penalties();
    fail('10.0.0.1', 10);
    fail('10.0.0.2', 10);
    for (let host = 0; host < 9_998; host++) fail(`11.0.${host >> 8}.${host & 255}`, 1);
    fail('10.0.0.1', 1);
    fail('12.0.0.1', 1);
    expect(made.check('10.0.0.2')).toBeUndefined();
    expect(made.check('10.0.0.1')).toBeDefined();
  });
});
