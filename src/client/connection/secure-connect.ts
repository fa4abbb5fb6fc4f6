/** What must be true of a connection before anything is sent on it, in words that tell what to do where it is not. */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { TransferError } from '../../errors.js';
import {
  certificateRejected,
  connectionError,
  isCertificateAlert,
  isTlsError,
  tlsReason,
} from '../../session/transport/connection-error.js';
import { isLoopback } from '../../session/transport/is-loopback.js';

/** Waits until the server has shown a certificate that is right. Rejects with EAUTH, EPROTO or what the system says. */
export async function waitForSecureConnect(socket: TLSSocket): Promise<void> {
  try {
    await waitForEvent(socket, 'secureConnect');
  } catch (thrown) {
    throw thrown instanceof Error ? handshakeError(thrown) : thrown;
  }
}

/**
 * Waits until a socket is connected, and rejects with EAUTH if it goes to another machine unencrypted: credentials must
 * not be sent there. TLS, a Unix socket and loopback are private; any other duplex is its maker's responsibility.
 */
export async function assertPrivateTransport(duplex: Duplex): Promise<void> {
  if (!(duplex instanceof Socket) || duplex instanceof TLSSocket) return;
  if (duplex.connecting) await waitForEvent(duplex, 'connect');
  const { remoteAddress } = duplex;
  if (remoteAddress === undefined || isLoopback(remoteAddress)) return;
  throw new TransferError(
    'EAUTH',
    'Credentials are not sent over a connection that others can read: use tls://, or allowUnencryptedCredentials.',
  );
}

/** Resolves with the event. Rejects if the socket is closed before. */
function waitForEvent(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(event, resolve).once('error', reject);
    socket.once('close', () => reject(new TransferError('ECONNRESET')));
  });
}

function handshakeError(error: NodeJS.ErrnoException): TransferError {
  const { code = '' } = error;
  const advice = Object.hasOwn(certificateErrors, code) ? certificateErrors[code] : undefined;
  if (advice !== undefined) {
    return new TransferError('EAUTH', `${advice} (${error.message})`, { cause: error });
  }
  if (!isTlsError(error)) return connectionError(error);
  if (isCertificateAlert(error)) return certificateRejected(error);
  // What no TLS begins with, as the versions of OpenSSL call it.
  const isPlain = /wrong version number|packet length too long|unknown protocol/.test(tlsReason(error));
  const reason = isPlain
    ? 'The server does not speak TLS on this port.'
    : `The TLS handshake failed: ${tlsReason(error)}.`;
  return new TransferError('EPROTO', reason, { cause: error });
}

const untrusted =
  "The server's certificate is signed by nobody who is trusted here: if it is the right one, pass its signer's certificate, or its own, as ca in the option tls.";
const expired = "The server's certificate has expired: the server needs a new one.";
const early = "The server's certificate is not valid yet: is the clock right?";
const otherName =
  "The server's certificate is for another name: connect by a name that it has, or pass that as servername in the option tls.";
const unusable = "The server's certificate cannot be used: the server needs another one.";

/** What to do, by the codes of Node. */
const certificateErrors: Record<string, string> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  CERT_UNTRUSTED: untrusted,
  CERT_REJECTED: untrusted,
  CERT_HAS_EXPIRED: expired,
  CERT_NOT_YET_VALID: early,
  ERR_TLS_CERT_ALTNAME_INVALID: otherName,
  HOSTNAME_MISMATCH: otherName,
  ERR_TLS_CERT_ALTNAME_FORMAT: unusable,
  CERT_REVOKED: unusable,
  CERT_SIGNATURE_FAILURE: unusable,
  CERT_CHAIN_TOO_LONG: unusable,
  INVALID_CA: unusable,
  INVALID_PURPOSE: unusable,
  PATH_LENGTH_EXCEEDED: unusable,
  CRL_HAS_EXPIRED: unusable,
  UNABLE_TO_GET_CRL: unusable,
};
