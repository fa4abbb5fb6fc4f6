/** TLS before anything is said: what a server learns, and what is wrong with it, in words that tell what to do. */
import type { TLSSocket } from 'node:tls';
import { TransferError } from '../errors.js';
import { connectionError } from '../session/attach.js';
import type { Endpoint } from '../session/endpoint.js';
import { certificateRefused, isAboutCertificate, isOfTls, tlsReason } from '../session/tls-error.js';
import { connected } from './connected.js';

/** Waits until the server has shown a certificate that is right. Rejects with EAUTH, EPROTO or what the system says. */
export async function secured(socket: TLSSocket, endpoint: Endpoint): Promise<void> {
  try {
    await connected(socket, endpoint, 'secureConnect');
  } catch (thrown) {
    throw thrown instanceof Error ? handshakeError(thrown) : thrown;
  }
}

function handshakeError(error: NodeJS.ErrnoException): TransferError {
  const { code = '' } = error;
  const advice = Object.hasOwn(certificateErrors, code) ? certificateErrors[code] : undefined;
  if (advice !== undefined) {
    return new TransferError('EAUTH', `${advice} (${error.message})`, { cause: error });
  }
  if (!isOfTls(error)) return connectionError(error);
  if (isAboutCertificate(error)) return certificateRefused(error);
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
