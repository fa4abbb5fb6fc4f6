/** The option `loginPenalties`: under which key rejected logins count. */
import { rejectUnknownOptions } from '../../options/option.js';
import type { Credentials } from '../identity.js';

/** What is known of a login without its secrets. `user` is what the client has sent, and not verified. */
export type LoginAttempt = Pick<Credentials, 'user' | 'address' | 'encrypted' | 'certificate'>;

/** How rejected logins delay further ones. */
export interface LoginPenalties {
  /**
   * Returns the key of a login. Each rejected login delays the answer to the next rejected one with the same key, and ten
   * within a few minutes block the key for a while. `undefined`: the login does not count. The server keeps 10,000 keys, and
   * forgets the one whose last rejection is oldest. Default: the address; for IPv6 the /64 network.
   */
  key?: ((login: LoginAttempt) => string | undefined) | undefined;
}

/** The checked option: `'address'` is the default. */
export type LoginPenaltySettings = false | 'address' | NonNullable<LoginPenalties['key']>;

/** Checks the option. Throws a TypeError for a wrong one. */
export function loginPenaltySettings(option: false | LoginPenalties | undefined): LoginPenaltySettings {
  if (option === undefined || option === false) return option ?? 'address';
  if (typeof option !== 'object' || (option as unknown) === null) {
    throw new TypeError('The option loginPenalties must be false or an object with key.');
  }
  rejectUnknownOptions('loginPenalties', option, ['key']);
  const { key = 'address' } = option;
  if (key !== 'address' && typeof key !== 'function') {
    throw new TypeError(`The option loginPenalties.key must be a function, not ${typeof key}.`);
  }
  return key;
}
