import { inspect } from 'node:util';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  hashPassword,
  hashToken,
  staticUsers,
  type UserRecord,
  type Credentials,
} from '../../../src/index.js';
import * as passwords from '../../../src/server/auth/passwords.js';

const TOKEN = 'a-token-of-many-characters';
const OTHER_TOKEN = 'another-token-of-many-characters';
const FINGERPRINT = Array<string>(32).fill('AB').join(':');
const nothing: Credentials = {
  user: undefined,
  password: undefined,
  token: undefined,
  certificate: undefined,
  address: undefined,
  encrypted: true,
};

let hash = '';
beforeAll(async () => {
  hash = await hashPassword('secret', { cost: 1_024 });
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** The identity name of an accepted login. */
async function nameOf(
  table: Record<string, UserRecord>,
  login: Partial<Credentials>,
): Promise<string | undefined> {
  const identity = await staticUsers(table)({ ...nothing, ...login });
  return identity ? identity.name : undefined;
}

function certificateOf(fingerprint256: string): Credentials['certificate'] {
  return { fingerprint256 } as Credentials['certificate'];
}

describe('static users', () => {
  it('are admitted by their password', async () => {
    const table = { ann: { password: hash }, bob: { tokens: [hashToken(TOKEN)] } };
    expect(await nameOf(table, { user: 'ann', password: 'secret' })).toBe('ann');
    expect(await nameOf(table, { user: 'ann', password: 'wrong' })).toBeUndefined();
    expect(await nameOf(table, { user: 'bob', password: 'secret' })).toBeUndefined();
    expect(await nameOf(table, { user: 'eve', password: 'secret' })).toBeUndefined();
    expect(await nameOf(table, { password: 'secret' })).toBeUndefined();
    expect(await nameOf(table, { user: 'ann' })).toBeUndefined();
    expect(await nameOf(table, { user: 'ann', password: '' })).toBeUndefined();
    expect(await nameOf(table, {})).toBeUndefined();
  });

  it('are admitted by a token, with their name or without', async () => {
    const table = { ann: { tokens: [hashToken(TOKEN), hashToken(OTHER_TOKEN)] }, bob: { password: hash } };
    expect(await nameOf(table, { token: TOKEN })).toBe('ann');
    expect(await nameOf(table, { token: OTHER_TOKEN, user: 'ann' })).toBe('ann');
    expect(await nameOf(table, { token: TOKEN, user: 'bob' })).toBeUndefined();
    expect(await nameOf(table, { token: `${TOKEN}x` })).toBeUndefined();
    expect(await nameOf(table, { token: hashToken(TOKEN) })).toBeUndefined();
  });

  it('are admitted by a certificate that TLS has verified, if they send no secret', async () => {
    const table = {
      ann: { certificate: FINGERPRINT.toLowerCase(), password: hash },
      bob: { password: hash },
    };
    const certificate = certificateOf(FINGERPRINT);
    expect(await nameOf(table, { certificate })).toBe('ann');
    expect(await nameOf(table, { certificate, user: 'ann' })).toBe('ann');
    expect(await nameOf(table, { certificate, user: 'bob' })).toBeUndefined();
    expect(await nameOf(table, { certificate, user: 'ann', password: 'wrong' })).toBeUndefined();
    expect(await nameOf(table, { certificate: certificateOf('00') })).toBeUndefined();
  });

  it('must send only correct credentials', async () => {
    const table = {
      ann: { password: hash, tokens: [hashToken(TOKEN)] },
      bob: { tokens: [hashToken(OTHER_TOKEN)] },
    };
    const login = { user: 'ann', password: 'secret' };
    expect(await nameOf(table, { ...login, token: TOKEN })).toBe('ann');
    expect(await nameOf(table, { ...login, token: OTHER_TOKEN })).toBeUndefined();
    expect(await nameOf(table, { ...login, token: 'wrong' })).toBeUndefined();
    expect(await nameOf(table, { ...login, password: 'wrong', token: TOKEN })).toBeUndefined();
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('are not %s', async (user) => {
    const table = { ann: { password: hash, tokens: [hashToken(TOKEN)] } };
    expect(await nameOf(table, { user, password: 'secret' })).toBeUndefined();
    expect(await nameOf(table, { user, token: TOKEN })).toBeUndefined();
    expect(await nameOf(table, { user })).toBeUndefined();
    expect(await nameOf(table, { user, certificate: certificateOf(user) })).toBeUndefined();
  });

  it('cost the same work whether they are known or not', async () => {
    const verify = vi.spyOn(passwords, 'verifyPassword');
    const costly = await hashPassword('secret', { cost: 2_048 });
    const authenticate = staticUsers({
      ann: { password: hash },
      bob: { password: costly },
      eve: { tokens: [hashToken(TOKEN)] },
    });
    const workFor = async (user: string | undefined): Promise<string> => {
      verify.mockClear();
      await authenticate({ ...nothing, user, password: 'wrong' });
      expect(verify).toHaveBeenCalledTimes(1);
      return /ln=\d+/.exec(verify.mock.calls[0]?.[1] ?? '')?.[0] ?? '';
    };
    expect(await workFor('ann')).toBe('ln=10');
    expect(await workFor('bob')).toBe('ln=11');
    for (const user of ['eve', 'nobody', '', undefined, '__proto__']) {
      expect(['ln=10', 'ln=11']).toContain(await workFor(user));
    }
    const before = await workFor('nobody');
    for (let index = 0; index < 5; index += 1) expect(await workFor('nobody')).toBe(before);
    const works = new Set<string>();
    for (let index = 0; index < 40; index += 1) works.add(await workFor(`nobody${index}`));
    expect(works.size).toBe(2);
  });

  it('have the identity of their record, and no secret', async () => {
    const table = {
      ann: {
        password: hash,
        tokens: [hashToken(TOKEN)],
        root: '/home/ann',
        permissions: ['read' as const],
        quota: { bytes: 5 },
        bandwidth: { download: 7 },
      },
    };
    const authenticate = staticUsers(table);
    table.ann.permissions.push('read');
    table.ann.quota.bytes = 6;
    const identity = await authenticate({ ...nothing, token: TOKEN });
    expect(identity).toEqual({
      name: 'ann',
      root: 'home/ann',
      permissions: ['read'],
      quota: { bytes: 5 },
      bandwidth: { download: 7 },
    });
    expect(inspect(authenticate, { showHidden: true, depth: 9 })).not.toContain('scrypt');
  });
});

describe('a table of users', () => {
  const wrong: [string, () => unknown, string][] = [
    ['a password as it is', () => ({ ann: { password: 'my-secret-word' } }), 'hashPassword'],
    ['an empty password', () => ({ ann: { password: '' } }), 'hashPassword'],
    [
      'a hash that nobody can bear',
      () => ({ ann: { password: hash.replace('ln=10', 'ln=40') } }),
      'hashPassword',
    ],
    ['a token as it is', () => ({ ann: { tokens: ['my-secret-word-is-long'] } }), 'hashToken'],
    ['tokens that are no list', () => ({ ann: { tokens: 'my-secret-word' } }), 'hashToken'],
    ['a certificate that is none', () => ({ ann: { certificate: 'AB:CD' } }), 'fingerprint'],
    ['a user without anything to log in by', () => ({ ann: { root: 'a' } }), 'cannot log in'],
    ['a user without tokens', () => ({ ann: { tokens: [] } }), 'cannot log in'],
    ['a user that is a text', () => ({ ann: 'my-secret-word' }), 'must be an object'],
    ['a user that is null', () => ({ ann: null }), 'must be an object'],
    ['a misspelt right', () => ({ ann: { password: hash, permission: ['read'] } }), 'no option permission'],
    ['an effect that is none', () => ({ ann: { password: hash, permissions: ['red'] } }), 'red'],
    ['a quota that is none', () => ({ ann: { password: hash, quota: { bytes: -1 } } }), 'quota'],
    [
      'a bandwidth that is none',
      () => ({ ann: { password: hash, bandwidth: { download: 0 } } }),
      'bandwidth',
    ],
    ['a root that leads out', () => ({ ann: { password: hash, root: '../other' } }), 'root'],
    ['a root that is a number', () => ({ ann: { password: hash, root: 5 } }), 'root'],
    ['an empty name', () => ({ '': { password: hash } }), 'name'],
    ['a name with a line end', () => ({ 'a\n': { password: hash } }), 'name'],
    [
      'one token of two',
      () => ({ a: { tokens: [hashToken(TOKEN)] }, b: { tokens: [hashToken(TOKEN)] } }),
      'twice',
    ],
    [
      'one certificate of two',
      () => ({ a: { certificate: FINGERPRINT }, b: { certificate: FINGERPRINT } }),
      'another',
    ],
    ['nothing', () => undefined, 'object'],
  ];

  it.each(wrong)('must not have %s', (_what, table, word) => {
    const make = (): unknown => staticUsers(table() as Record<string, UserRecord>);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(word);
    expect(make).not.toThrow('my-secret-word');
  });
});
