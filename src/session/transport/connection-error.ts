/** What broke a connection, TLS included, in the words of transfers. */
import { TransferError } from '../../errors.js';

/** What broke a connection, with what the system says of it: here it is nobody's secret, and names host and port. */
export function connectionError(thrown: unknown): TransferError {
  if (thrown instanceof TransferError || !(thrown instanceof Error)) return TransferError.from(thrown);
  if (!isOfTls(thrown)) {
    const { code, retryable } = TransferError.from(thrown);
    return new TransferError(code, `The connection failed: ${thrown.message}.`, { retryable, cause: thrown });
  }
  // A client learns only after its own half of the handshake that its certificate is not taken.
  if (isAboutCertificate(thrown)) return certificateRefused(thrown);
  // What was agreed upon cannot be read any more: most likely it was damaged on its way.
  const reason = `TLS failed: ${tlsReason(thrown)}.`;
  return new TransferError('EPROTO', reason, { retryable: true, cause: thrown });
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
