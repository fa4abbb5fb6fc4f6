/** An authenticator with a clock of the test, for one login after the other. */
import { MemoryStorage, TransferError, type AccessOptions } from '../../../src/index.js';
import type { FrameOf } from '../../../src/protocol/frames.js';
import type { AccessControl } from '../../../src/server/access/access-control.js';
import { accessSettings } from '../../../src/server/access/options.js';
import { StorageResolver } from '../../../src/server/access/storage-resolver.js';
import { Authenticator } from '../../../src/server/auth/authenticator.js';
import type { Peer } from '../../../src/server/peer.js';

export const loopback: Peer = {
  address: '127.0.0.1',
  port: 50_000,
  encrypted: false,
  certificate: undefined,
  isPrivate: true,
  isLost: false,
};

/** What a client sends to log in. */
export type SentLogin = Partial<Pick<FrameOf<'hello'>, 'user' | 'password' | 'bearer'>>;

/** A login attempt at an authenticator, and its outcome. */
export function doorOf(options: AccessOptions) {
  let now = 0;
  const waited: number[] = [];
  const refused: [user: string | undefined, error: TransferError][] = [];
  const settings = accessSettings(options);
  const views = new StorageResolver(new MemoryStorage(), settings);
  const wait = async (ms: number) => {
    waited.push(ms);
    now += ms;
  };
  const door = new Authenticator(settings, views, { clock: () => now, wait });
  const login = async (credentials: SentLogin, peer = loopback): Promise<AccessControl | TransferError> => {
    const hello = { type: 'hello', version: 1, ...credentials } as const;
    try {
      const { signal } = new AbortController();
      const onRejected = (error: TransferError): void => void refused.push([hello.user, error]);
      return await door.authenticate(hello, peer, { onRejected, signal });
    } catch (thrown) {
      return TransferError.from(thrown);
    }
  };
  return { door, login, waited, refused, now: () => now, wait: (ms: number) => (now += ms) };
}
