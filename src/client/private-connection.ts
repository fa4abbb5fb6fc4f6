/** Whether what is said on a connection can be read by others: secrets must not be said there. */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { TransferError } from '../errors.js';
import type { Endpoint } from '../session/endpoint.js';
import { isLoopback } from '../session/transport/is-loopback.js';
import { connected } from './connected.js';

/**
 * Waits until a socket is connected, and throws EAUTH if it goes to another machine unencrypted. TLS, a Unix socket and
 * loopback are private; any other duplex is its maker's responsibility. Gives up when the endpoint is closed.
 */
export async function requirePrivate(duplex: Duplex, endpoint: Endpoint): Promise<void> {
  if (!(duplex instanceof Socket) || duplex instanceof TLSSocket) return;
  if (duplex.connecting) await connected(duplex, endpoint, 'connect');
  const { remoteAddress } = duplex;
  if (remoteAddress === undefined || isLoopback(remoteAddress)) return;
  duplex.destroy();
  throw new TransferError(
    'EAUTH',
    'Credentials are not sent over a connection that others can read: use tls://, or allowUnencryptedCredentials.',
  );
}
