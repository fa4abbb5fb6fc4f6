/** The authenticator with a clock of the test, which makes the duration of a rejection visible. */
import { describe, expect, it } from 'vitest';
import { TransferError, type AccessOptions, type Authenticate, type Identity } from '../../../src/index.js';
import type { Peer } from '../../../src/server/peer.js';
import { doorOf, loopback, type SentLogin } from './door.js';

const readable: Peer = { ...loopback, address: '192.0.2.1', isPrivate: false };
const tls: Peer = { ...loopback, address: '192.0.2.1', encrypted: true };

const passwords = new Map([
  ['ann', 'right'],
  ['nobody', ''],
]);

const authenticate: Authenticate = ({ user = '', password, token }) => {
  if (token === 'a good token') return { name: 'machine' };
  return passwords.get(user) === password ? { name: user } : undefined;
};

describe('a rejected login', () => {
  const wrong: Record<string, SentLogin> = {
    'a wrong password': { user: 'ann', password: 'wrong' },
    'an unknown user': { user: 'eve', password: 'right' },
    'an empty password': { user: 'ann', password: '' },
    'an empty token': { bearer: '' },
    'an empty token beside the right password': { user: 'ann', password: 'right', bearer: '' },
    'a user alone': { user: 'ann' },
    'nothing at all': { user: 'ann', password: undefined },
  };

  it.each(Object.entries(wrong))('looks the same and takes the same time for %s', async (_, credentials) => {
    const { login, refused, now } = doorOf({ authenticate });
    const error = await login(credentials);
    expect(error).toMatchObject({ code: 'EAUTH', message: 'EAUTH: The credentials were rejected.' });
    expect(now()).toBe(500);
    expect(refused).toEqual([[credentials.user, error]]);
  });

  it.each([0, 1, 80, 499])('takes the same time when a check takes %i ms', async (checkMs) => {
    const place = doorOf({
      authenticate: async () => {
        place.wait(checkMs);
      },
    } as AccessOptions);
    await place.login({ user: 'ann', password: 'wrong' });
    expect(place.now()).toBe(500);
  });

  it('takes as long after each earlier rejection', async () => {
    const { login, waited } = doorOf({ authenticate });
    for (let times = 0; times < 9; times++) await login({ user: 'ann', password: 'wrong' });
    expect(waited[0]).toBe(500);
    expect(waited).toEqual([...waited].sort((one, other) => one - other));
    expect(waited.at(-1)).toBeGreaterThan(2_000);
  });

  it('makes the address wait: authenticate is not called, and the correct password is rejected, too', async () => {
    let asked = 0;
    const { login, door, refused, wait } = doorOf({
      authenticate: (said) => {
        asked += 1;
        return authenticate(said);
      },
    });
    await Promise.all(Array.from({ length: 16 }, () => login({ user: 'ann', password: 'wrong' })));
    expect(door.check('127.0.0.1')).toMatchObject({ code: 'EAGAIN' });
    expect(door.check('127.0.0.2')).toBeUndefined();
    asked = 0;
    // On a connection that was made before.
    expect(await login({ user: 'ann', password: 'right' })).toMatchObject({ code: 'EAGAIN' });
    expect(asked).toBe(0);
    expect(refused.at(-1)?.[1].code).toBe('EAGAIN');
    wait(16 * 30_000);
    expect(door.check('127.0.0.1')).toBeUndefined();
    expect(await login({ user: 'ann', password: 'right' })).toMatchObject({ identity: { name: 'ann' } });
  });

  it('still counts after a successful login, so that an account does not buy attempts', async () => {
    const { login, door } = doorOf({ authenticate });
    for (let times = 0; times < 5; times++) {
      await Promise.all([1, 2, 3].map(() => login({ user: 'eve', password: 'guess' })));
      await login({ user: 'ann', password: 'right' });
    }
    expect(door.check('127.0.0.1')).toMatchObject({ code: 'EAGAIN' });
  });
});

describe('an empty secret', () => {
  it('proftpd: an empty stored password admits no user', async () => {
    const asked: unknown[] = [];
    const { login } = doorOf({
      authenticate: (said) => {
        asked.push(said.password);
        return authenticate(said);
      },
    });
    expect(await login({ user: 'nobody', password: '' })).toMatchObject({ code: 'EAUTH' });
    expect(await login({ user: 'nobody' })).toMatchObject({ code: 'EAUTH' });
    expect(asked).toEqual([undefined]);
  });
});

describe('the result of authenticate', () => {
  it.each<[string, unknown]>([
    ['true', true],
    ['a name', 'ann'],
    ['a function', () => ({ name: 'ann' })],
    ['null', null],
    ['nothing', undefined],
    ['1', 1],
  ])('admits no client if it is %s', async (_, said) => {
    const { login } = doorOf({ authenticate: () => said as Identity });
    expect(await login({ user: 'ann', password: 'x' })).toMatchObject({ code: 'EAUTH' });
  });

  it.each<[string, object]>([
    ['no name', {}],
    ['an empty name', { name: '' }],
    ['a name that is none', { name: 1 }],
    ['unknown permissions', { name: 'ann', permissions: ['reed'] }],
    ['a quota that is none', { name: 'ann', quota: { bytes: -1 } }],
    ['a misspelt quota', { name: 'ann', quota: { byte: 1 } }],
    ['a root that is none', { name: 'ann', root: 1 }],
  ])('rejects an identity with %s, and reports the mistake to the program', async (_, said) => {
    const { login, refused } = doorOf({ authenticate: () => said as Identity });
    const error = await login({ user: 'ann', password: 'x' });
    expect(error).toMatchObject({ code: 'EIO', reason: expect.not.stringContaining('name') });
    expect(refused).toHaveLength(1);
    expect(causeOf(refused[0]?.[1])).toBeInstanceOf(TypeError);
  });

  it('may be thrown as a TransferError, whose code the client gets without a penalty', async () => {
    const { login, door, refused, waited } = doorOf({
      authenticate: () => {
        throw new TransferError('EBUSY', 'The directory of users is away.');
      },
    });
    for (let times = 0; times < 20; times++) {
      expect(await login({ user: 'ann', password: 'x' })).toMatchObject({ code: 'EBUSY', retryable: true });
    }
    expect(door.check('127.0.0.1')).toBeUndefined();
    expect(waited).toEqual([]);
    expect(refused).toHaveLength(20);
  });

  it('is hidden from the client when it is another error, thrown or rejected', async () => {
    for (const fail of [
      () => {
        throw new Error('ldap://10.0.0.9: no such user');
      },
      () => Promise.reject(new Error('ldap://10.0.0.9: no such user')),
    ]) {
      const error = await doorOf({ authenticate: fail }).login({ user: 'ann', password: 'x' });
      expect(error).toMatchObject({ code: 'EIO', message: 'EIO: Reading or writing failed.' });
    }
  });

  it('has no code of a path, which a client would take for an answer about its file', async () => {
    for (const thrown of [
      Object.assign(new Error('open /etc/users.json'), { code: 'ENOENT' }),
      new TransferError('ENOENT', 'No such user.'),
    ]) {
      const { login, refused } = doorOf({ authenticate: () => Promise.reject(thrown) });
      const error = await login({ user: 'ann', password: 'x' });
      expect(error).toMatchObject({ code: 'EIO', path: undefined });
      expect(causeOf(refused[0]?.[1])).toMatchObject({ code: 'ENOENT' });
    }
  });

  it.each(['missing', '../up', 'a\\b'])(
    'is rejected with the root %j, which the client does not learn',
    async (root) => {
      const { login, refused } = doorOf({ authenticate: () => ({ name: 'ann', root }) });
      const error = await login({ user: 'ann', password: 'x' });
      expect(error).toMatchObject({
        code: 'EIO',
        retryable: root === 'missing',
        message: expect.not.stringContaining(root),
        path: undefined,
      });
      expect(causeOf(refused[0]?.[1])).toMatchObject({ message: `The root '${root}' cannot be served.` });
    },
  );
});

describe('credentials', () => {
  it.each([{ password: 'right' }, { bearer: 'a good token' }, { password: '' }])(
    'are refused on a connection that others can read, before authenticate is called: %j',
    async (credentials) => {
      let asked = 0;
      const { login, refused } = doorOf({
        authenticate: (said) => {
          asked += 1;
          return authenticate(said);
        },
      });
      const error = await login({ user: 'ann', ...credentials }, readable);
      expect(error).toMatchObject({ code: 'EAUTH' });
      expect(refused).toEqual([['ann', error]]);
      expect(asked).toBe(0);
    },
  );

  it('are accepted over TLS, on loopback, and anywhere if that is allowed', async () => {
    const credentials = { user: 'ann', password: 'right' };
    for (const peer of [tls, loopback, { ...loopback, address: undefined }]) {
      expect(await doorOf({ authenticate }).login(credentials, peer)).toMatchObject({
        identity: { name: 'ann' },
      });
    }
    const { login } = doorOf({ authenticate, allowUnencryptedCredentials: true });
    expect(await login(credentials, readable)).toMatchObject({ identity: { name: 'ann' } });
  });

  it('are not required when the address identifies the client', async () => {
    const { login } = doorOf({
      authenticate: ({ address, encrypted }) => address === '192.0.2.1' && !encrypted && { name: 'printer' },
    });
    expect(await login({}, readable)).toMatchObject({ identity: { name: 'printer' } });
    expect(await login({}, loopback)).toMatchObject({ code: 'EAUTH' });
  });

  it('are ignored by a server without authenticate', async () => {
    const { login, refused } = doorOf({});
    expect(await login({ user: 'ann', password: 'x' }, readable)).toMatchObject({ identity: undefined });
    expect(refused).toEqual([]);
  });
});

function causeOf(error: TransferError | undefined): unknown {
  return error?.cause;
}
