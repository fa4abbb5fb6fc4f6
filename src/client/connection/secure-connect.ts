/** Checks a connection before credentials are sent on it. Its errors say what to do. */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { TransferError } from '../../errors.js';
import {
  certificateRejected,
  connectionError,
  isCertificateAlert,
  isTlsError,
  tlsReason,
} from '../../session/transport/connection-error.js';
import { isLoopback } from '../../session/transport/is-loopback.js';

/** As `instanceof TLSSocket`, without `node:tls`, which most programs do not load. */
export function isTlsSocket(duplex: Duplex): duplex is TLSSocket {
  return duplex instanceof Socket && 'encrypted' in duplex;
}

/** Waits until the server's certificate is verified. Rejects with EAUTH, EPROTO or a code of the system. */
export async function waitForSecureConnect(socket: TLSSocket): Promise<void> {
  try {
    await waitForEvent(socket, 'secureConnect');
  } catch (thrown) {
    throw thrown instanceof Error ? handshakeError(thrown) : thrown;
  }
}

/**
 * Throws EAUTH if a connected socket is TCP to another machine, because others can read that. TLS, Unix sockets and
 * loopback are private; any other Duplex is taken to be.
 */
export function assertPrivateTransport(duplex: Duplex): void {
  if (!(duplex instanceof Socket) || isTlsSocket(duplex)) return;
  const { remoteAddress } = duplex;
  if (remoteAddress === undefined || isLoopback(remoteAddress)) return;
  throw new TransferError(
    'EAUTH',
    `Credentials are not sent to ${remoteAddress} without encryption: use tls:// or allowUnencryptedCredentials.`,
  );
}

/** Resolves with the event; rejects if the socket is closed before. */
export function waitForEvent(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    const onClose = (): void => reject(new TransferError('ECONNRESET'));
    socket.once(event, () => {
      // Otherwise each connection that ends makes an error, with its stack.
      socket.off('close', onClose);
      resolve();
    });
    socket.once('error', reject).once('close', onClose);
  });
}

function handshakeError(error: NodeJS.ErrnoException): TransferError {
  const { code = '' } = error;
  const advice = Object.hasOwn(certificateErrors, code) ? certificateErrors[code] : undefined;
  if (advice !== undefined) {
    return new TransferError('EAUTH', `${advice} (${error.message})`, { cause: error });
  }
  if (!isTlsError(error)) return connectionError(error, 'ECONNREFUSED');
  if (isCertificateAlert(error)) return certificateRejected(error);
  // OpenSSL's reasons, by version, for a first byte that is not TLS.
  const isPlain = /wrong version number|packet length too long|unknown protocol/.test(tlsReason(error));
  const reason = isPlain
    ? 'The server does not use TLS on this port.'
    : `The TLS handshake failed: ${tlsReason(error)}.`;
  return new TransferError('EPROTO', reason, { cause: error });
}

const untrusted =
  "The server's certificate is not signed by a trusted authority: if it is the right one, pass its authority's certificate, or its own, as ca in the option tls.";
const expired = "The server's certificate has expired: renew it.";
const early = "The server's certificate is not valid yet: check the clocks.";
const otherName =
  "The server's certificate is for another name: connect by a name that it has, or pass that name as servername in the option tls.";
const unusable = "The server's certificate is invalid: the server needs another one.";

/** Advice by the codes of `node:tls`. */
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
