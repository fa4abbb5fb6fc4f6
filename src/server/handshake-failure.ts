/** Why a TLS handshake with a client has failed, as the operator of a server is told. */
import { TransferError } from '../errors.js';
import { isAboutCertificate, tlsReason } from '../session/tls-error.js';

/** What the system says of it as an error of the connection; undefined: the client is gone. */
export function handshakeFailure(error: NodeJS.ErrnoException | undefined): TransferError {
  if (!error || error.code === 'ECONNRESET') {
    return new TransferError('ECONNRESET', 'The connection ended in the TLS handshake.', { cause: error });
  }
  if (isAboutCertificate(error)) {
    const reason = `The client does not accept the server's certificate: ${tlsReason(error)}.`;
    return new TransferError('EAUTH', reason, { cause: error });
  }
  return new TransferError('EPROTO', `The TLS handshake failed: ${tlsReason(error)}.`, { cause: error });
}
