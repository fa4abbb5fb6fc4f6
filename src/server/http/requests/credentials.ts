/** The credentials of a request of HTTP: Basic, as browsers send it, or a bearer token. */
import { TransferError } from '../../../errors.js';
import { isFieldText } from '../../../protocol/fields.js';
import type { SentCredentials } from '../../../session/settings.js';
import type { AccessSettings } from '../../access/options.js';
import type { Peer } from '../../peer.js';
import { MAX_AUTHORIZATION_BYTES } from '../limits.js';

/** The challenge of a 401. */
export const CHALLENGE = 'Basic realm="socket-ftp", charset="UTF-8"';

/** The credentials of the header; undefined if there is none. Throws EAUTH if it cannot be read. */
export function sentCredentials(authorization: string | undefined): SentCredentials | undefined {
  if (authorization === undefined) return undefined;
  const [, scheme = '', value = ''] = /^(\w+) +(\S+)$/.exec(authorization) ?? [];
  const credentials =
    authorization.length > MAX_AUTHORIZATION_BYTES ? undefined : parse(scheme.toLowerCase(), value);
  if (credentials) return credentials;
  throw new TransferError('EAUTH', 'The header Authorization is neither Basic nor Bearer, or too long.');
}

/** Whether the client may be asked for a password: it would send it over this connection. */
export function mayAskForPassword({ isPrivate }: Peer, access: AccessSettings): boolean {
  return isPrivate || access.allowUnencryptedCredentials;
}

function parse(scheme: string, value: string): SentCredentials | undefined {
  if (!isFieldText(value)) return undefined;
  if (scheme === 'bearer') return { bearer: value };
  if (scheme !== 'basic') return undefined;
  const text = Buffer.from(value, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0 || !isFieldText(text)) return undefined;
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
