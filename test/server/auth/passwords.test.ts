import { scryptSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hashPassword, hashToken, verifyPassword } from '../../../src/index.js';
import { dummyHashLike, parsePasswordHash } from '../../../src/server/auth/password-hash.js';
import { Semaphore } from '../../../src/server/auth/semaphore.js';

/** The lowest allowed cost: these tests do not depend on it. */
const QUICK = { cost: 1_024 };

const SALT = Buffer.from('0123456789abcdef');

/** A hash that this project's code has no part in. */
function hashOf(password: string, parameters = 'ln=10,r=8,p=1', keyBytes = 32): string {
  const key = scryptSync(password, SALT, keyBytes, { cost: 1_024 });
  return `$scrypt$${parameters}$${base64(SALT)}$${base64(key)}`;
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}

describe('the hash of a password', () => {
  it('has the cost that OWASP recommends, and states it', async () => {
    const hash = await hashPassword('correct horse');
    expect(hash).toMatch(/^\$scrypt\$ln=14,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(await verifyPassword('correct horse', hash)).toBe(true);
    expect(await verifyPassword('Correct horse', hash)).toBe(false);
  });

  it('differs each time, and never contains the password', async () => {
    const [one, two] = await Promise.all([hashPassword('secret', QUICK), hashPassword('secret', QUICK)]);
    expect(one).not.toBe(two);
    expect(one).not.toContain('secret');
    expect(await verifyPassword('secret', one)).toBe(true);
    expect(await verifyPassword('secret', two)).toBe(true);
  });

  it('equals that of other programs that use scrypt', async () => {
    expect(await verifyPassword('secret', hashOf('secret'))).toBe(true);
    expect(await verifyPassword('other', hashOf('secret'))).toBe(false);
    expect(await verifyPassword('secret', hashOf('secret', undefined, 16))).toBe(true);
  });

  it('is the same for equivalent Unicode forms of the password', async () => {
    const hash = await hashPassword('Stra\u00dfe caf\u00e9 \uff11\u00a02', QUICK);
    expect(await verifyPassword('Stra\u00dfe cafe\u0301 1 2', hash)).toBe(true);
    expect(await verifyPassword('Strasse cafe 1 2', hash)).toBe(false);
  });

  it.each(['', 'line\n', 'nul\0', '\ud800', 'x'.repeat(1_025), undefined, null, 7, {}])(
    'cannot be made of %j',
    async (password) => {
      await expect(hashPassword(password as string, QUICK)).rejects.toThrow(TypeError);
    },
  );

  it.each([
    { cost: 1_000 },
    { cost: 512 },
    { cost: 2 ** 19 },
    { cost: 2 ** 18, blockSize: 16 },
    { blockSize: 0 },
    { blockSize: 1.5 },
    { parallelization: 17 },
    { cost: 2 ** 18, blockSize: 8, parallelization: 16 },
    { cost: NaN },
    { rounds: 3 },
  ])('cannot be made with %o', async (options) => {
    await expect(hashPassword('secret', options)).rejects.toThrow(TypeError);
  });

  it('is computed for any number of parallel calls', async () => {
    const hashes = await Promise.all(Array.from({ length: 100 }, () => hashPassword('secret', QUICK)));
    expect(new Set(hashes).size).toBe(100);
  });
});

describe('the check of a password', () => {
  it.each([
    '',
    'secret',
    'x'.repeat(1e6),
    '$scrypt$',
    hashOf('secret', 'ln=9,r=8,p=1'),
    hashOf('secret', 'ln=10,r=8,p=0'),
    hashOf('secret', 'ln=30,r=8,p=1'),
    hashOf('secret', 'ln=99,r=99,p=99'),
    hashOf('secret', 'ln=18,r=16,p=1'),
    hashOf('secret', 'ln=17,r=8,p=16'),
    hashOf('secret', 'ln=010,r=8,p=1'),
    hashOf('secret', 'r=8,ln=10,p=1'),
    hashOf('secret').replace('$scrypt', '$bcrypt'),
    hashOf('secret', undefined, 4),
    hashOf('secret', undefined, 128),
    `${hashOf('secret')}=`,
    `${hashOf('secret')}\n`,
    ` ${hashOf('secret')}`,
    `$scrypt$ln=10,r=8,p=1$$${base64(SALT)}`,
    `$scrypt$ln=10,r=8,p=1$${base64(SALT)}$`,
    // The last character has bits that mean nothing: the same bytes in another spelling.
    hashOf('secret').replace(/.$/, (last) => String.fromCharCode(last.charCodeAt(0) + 1)),
    undefined,
    null,
    {},
  ])('is false for the hash %j', async (hash) => {
    expect(await verifyPassword('secret', hash as string)).toBe(false);
  });

  it.each(['', 'x'.repeat(1_025), 'secret\n', undefined, null, 5])(
    'is false for the password %j',
    async (password) => {
      expect(await verifyPassword(password as string, hashOf('secret'))).toBe(false);
    },
  );

  it('is not made if its signal is aborted while it waits', async () => {
    const hash = hashOf('secret');
    const before = [verifyPassword('secret', hash), verifyPassword('secret', hash)];
    const ending = new AbortController();
    const waiting = verifyPassword('secret', hash, { signal: ending.signal });
    ending.abort(new Error('No longer needed.'));
    await expect(waiting).rejects.toThrow('No longer needed.');
    expect(await Promise.all(before)).toEqual([true, true]);
  });
});

describe('the semaphore', () => {
  it('admits no more than its limit, in order, whether they succeed or fail', async () => {
    const turnstile = new Semaphore({ running: 2 });
    const began: number[] = [];
    let running = 0;
    let most = 0;
    const late: Promise<void>[] = [];
    const work = (index: number) => async (): Promise<void> => {
      began.push(index);
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      // Others come while some leave.
      if (index < 4) late.push(turnstile.run(work(10 + index)));
      if (index % 2 === 0) throw new Error('failed');
    };
    await Promise.allSettled(Array.from({ length: 10 }, (_, index) => turnstile.run(work(index))));
    await Promise.allSettled(late);
    expect(most).toBe(2);
    expect(began).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
    expect(await turnstile.run(() => Promise.resolve('free'))).toBe('free');
  });
});

describe('a decoy hash', () => {
  it('has the cost of the hash that it stands for, and nothing else of it', () => {
    const hash = hashOf('secret', 'ln=11,r=4,p=2');
    const parsed = parsePasswordHash(hash);
    const decoy = parsePasswordHash(dummyHashLike(hash));
    expect(decoy).toMatchObject({ cost: 2_048, blockSize: 4, parallelization: 2 });
    expect(decoy?.key).not.toEqual(parsed?.key);
    expect(dummyHashLike(hash)).not.toBe(dummyHashLike(hash));
  });
});

describe('the digest of a token', () => {
  it('is its SHA-256', () => {
    expect(hashToken('0123456789abcdef')).toBe(
      'sha256:9f9f5111f7b27a781f1f1ddde5ebc2dd2b796bfc7365c9c28b548e564176929f',
    );
  });

  it.each(['', 'too short', undefined, 1_234_567])('cannot be made of %j', (token) => {
    expect(() => hashToken(token as string)).toThrow(TypeError);
  });
});
