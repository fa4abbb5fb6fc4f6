/** How rejected logins delay others: by address, by a key of the program, or not at all. */
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { LoginAttempt, LoginPenalties } from '../../../src/index.js';
import { accessSettings } from '../../../src/server/access/options.js';
import { byKey, LoginThrottle } from '../../../src/server/auth/login-throttle.js';
import type { Peer } from '../../../src/server/peer.js';
import { doorOf, loopback } from './door.js';

const authenticate = ({ user, password }: { user: string | undefined; password: string | undefined }) =>
  password === 'right' ? { name: user ?? '' } : undefined;
const wrong = { user: 'ann', password: 'wrong' };
const right = { user: 'ann', password: 'right' };
const other: Peer = { ...loopback, address: '127.0.0.2' };

/** A server at which more than ten logins of ann have been rejected. */
async function afterMany(loginPenalties: false | LoginPenalties | undefined) {
  const place = doorOf({ authenticate, loginPenalties });
  // Each one takes some seconds, in which a part of an earlier one is forgiven.
  for (let turn = 0; turn < 13; turn += 1) await place.login(wrong);
  return place;
}

describe('by default, rejected logins', () => {
  it('block their address for every user, and no other address', async () => {
    const { door, login } = await afterMany(undefined);
    expect(door.check('127.0.0.1')).toMatchObject({ code: 'EAGAIN' });
    expect(await login({ ...right, user: 'bob' })).toMatchObject({ code: 'EAGAIN' });
    expect(await login(right, other)).toMatchObject({ identity: { name: 'ann' } });
  });
});

describe('loginPenalties: false', () => {
  it('blocks nothing, and delays no rejection more than the first', async () => {
    const { door, login, waited } = await afterMany(false);
    expect(door.check('127.0.0.1')).toBeUndefined();
    expect(await login(right)).toMatchObject({ identity: { name: 'ann' } });
    expect(new Set(waited)).toEqual(new Set([500]));
  });
});

describe('a key by user and address', () => {
  const key = ({ user, address }: LoginAttempt): string => `${address ?? ''} ${user ?? ''}`;

  it('blocks this user at this address only', async () => {
    const { door, login } = await afterMany({ key });
    expect(door.check('127.0.0.1')).toBeUndefined();
    expect(await login(right)).toMatchObject({ code: 'EAGAIN', retryable: true });
    expect(await login({ ...right, user: 'bob' })).toMatchObject({ identity: { name: 'bob' } });
    expect(await login(right, other)).toMatchObject({ identity: { name: 'ann' } });
  });
});

describe('a key by user', () => {
  it('blocks the user at every address', async () => {
    const { login } = await afterMany({ key: ({ user }) => user });
    expect(await login(right, other)).toMatchObject({ code: 'EAGAIN' });
    expect(await login({ ...right, user: 'bob' })).toMatchObject({ identity: { name: 'bob' } });
  });
});

describe('the key of a login', () => {
  it('may be undefined, so that the login does not count', async () => {
    const { login } = await afterMany({ key: () => undefined });
    expect(await login(right)).toMatchObject({ identity: { name: 'ann' } });
  });

  it('is made without the secrets of the client', async () => {
    const attempts: object[] = [];
    const { login } = doorOf({
      authenticate,
      loginPenalties: { key: (attempt) => (attempts.push(attempt), 'a') },
    });
    await login(right);
    expect(attempts).not.toEqual([]);
    for (const attempt of attempts) {
      expect(Object.keys(attempt).sort()).toEqual(['address', 'certificate', 'encrypted', 'user']);
    }
  });

  it('that the program cannot make fails the login, and not the server', async () => {
    const thrower = doorOf({
      authenticate,
      loginPenalties: {
        key: () => {
          throw new Error('No key.');
        },
      },
    });
    expect(await thrower.login(right)).toMatchObject({ code: 'EIO' });
    const number = doorOf({ authenticate, loginPenalties: { key: () => 7 as unknown as string } });
    expect(await number.login(right)).toMatchObject({ code: 'EIO' });
  });

  it('fails the login if the function is async, and its rejection does not end the process', async () => {
    const onUnhandled = vi.fn();
    process.on('unhandledRejection', onUnhandled);
    onTestFinished(() => void process.off('unhandledRejection', onUnhandled));
    const key = (): unknown => Promise.reject(new Error('No key.'));
    const { login } = doorOf({ authenticate, loginPenalties: { key: key as () => string } });
    expect(await login(right)).toMatchObject({ code: 'EIO' });
    await new Promise((resolve) => setImmediate(resolve));
    expect(onUnhandled).not.toHaveBeenCalled();
  });

  it('has a bound: of 10,001 keys the oldest is forgotten, and a long one is kept as its hash', () => {
    const throttle = new LoginThrottle(() => 0, byKey);
    const long = 'x'.repeat(100_000);
    for (let turn = 0; turn < 10; turn += 1) throttle.recordFailure(long);
    expect(throttle.check(long)).toBeDefined();
    expect(throttle.check(`${long}y`)).toBeUndefined();
    for (let key = 0; key < 9_999; key += 1) throttle.recordFailure(`key ${key}`);
    expect(throttle.check(long)).toBeDefined();
    throttle.recordFailure('one more');
    expect(throttle.check(long)).toBeUndefined();
  });
});

describe('the option loginPenalties', () => {
  it.each([true, null, 'user', { key: 'user' }, { keys: () => 'a' }])('rejects %j', (wrongOption) => {
    expect(() => accessSettings({ loginPenalties: wrongOption as unknown as false })).toThrow(TypeError);
  });

  it.each([undefined, false, {}, { key: () => 'a' }] as const)('accepts %j', (option) => {
    expect(() => accessSettings({ loginPenalties: option })).not.toThrow();
  });
});
