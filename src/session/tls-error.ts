/** What TLS says of a connection, in the words of transfers. */
import { TransferError } from '../errors.js';

/** An error of a connection that was secured, if it is one of TLS; undefined otherwise. */
export function tlsError(error: NodeJS.ErrnoException): TransferError | undefined {
  if (!isOfTls(error)) return undefined;
  // A client learns only after its own half of the handshake that its certificate is not taken.
  if (isAboutCertificate(error)) return certificateRefused(error);
  // What was agreed upon cannot be read any more: most likely it was damaged on its way.
  const reason = `TLS failed: ${tlsReason(error)}.`;
  return new TransferError('EPROTO', reason, { retryable: true, cause: error });
}

/** That the peer does not take the certificate of this end. */
export function certificateRefused(error: Error): TransferError {
  const reason = `The peer does not accept the certificate of this end, or misses one: ${tlsReason(error)}. See key and cert in the option tls.`;
  return new TransferError('EAUTH', reason, { cause: error });
}

/** Whether TLS has failed, and not what carries it. */
export function isOfTls({ code = '', message }: NodeJS.ErrnoException): boolean {
  return /^ERR_(?:SSL|TLS)_/.test(code) || (code === 'EPROTO' && message.includes('SSL routines:'));
}

/** Whether a peer says by an alert that it does not take the certificate that it was shown, or that it misses one. */
export function isAboutCertificate(error: Error): boolean {
  return /\balert (?:.*certificate|unknown ca|access denied)/.test(tlsReason(error));
}

/** The reason alone, such as `wrong version number`. */
export function tlsReason(error: Error): string {
  if ('reason' in error && typeof error.reason === 'string') return error.reason;
  const [, reason = error.message] = /SSL routines:[^:]*:([^:]+)/.exec(error.message) ?? [];
  return reason;
}
