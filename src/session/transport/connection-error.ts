/** The errors of a connection, TLS included, as TransferErrors. */
import { TransferError } from '../../errors.js';

/** The TransferError of a failed connection. Its message contains the system's, which names only host and port. */
export function connectionError(thrown: unknown): TransferError {
  if (thrown instanceof TransferError || !(thrown instanceof Error)) return TransferError.from(thrown);
  if (!isTlsError(thrown)) {
    const { code, retryable } = TransferError.from(thrown);
    return new TransferError(code, `The connection failed: ${thrown.message}.`, { retryable, cause: thrown });
  }
  // A client learns that its certificate was rejected only after its own part of the handshake.
  if (isCertificateAlert(thrown)) return certificateRejected(thrown);
  // After the handshake, a TLS error most likely means that bytes were damaged.
  const reason = `TLS failed: ${tlsReason(thrown)}.`;
  return new TransferError('EPROTO', reason, { retryable: true, cause: thrown });
}

/** EAUTH: the peer rejected the certificate of this end. */
export function certificateRejected(error: Error): TransferError {
  const reason = `The peer rejected the certificate of this end, or requires one: ${tlsReason(error)}. Check key and cert in the option tls.`;
  return new TransferError('EAUTH', reason, { cause: error });
}

/** Whether TLS failed, rather than the transport below it. */
export function isTlsError({ code = '', message }: NodeJS.ErrnoException): boolean {
  return /^ERR_(?:SSL|TLS)_/.test(code) || (code === 'EPROTO' && message.includes('SSL routines:'));
}

/** Whether the peer sent an alert that it rejects the certificate, or requires one. */
export function isCertificateAlert(error: Error): boolean {
  return /\balert (?:.*certificate|unknown ca|access denied)/.test(tlsReason(error));
}

/** OpenSSL's reason, such as `wrong version number`. */
export function tlsReason(error: Error): string {
  if ('reason' in error && typeof error.reason === 'string') return error.reason;
  const [, reason = error.message] = /SSL routines:[^:]*:([^:]+)/.exec(error.message) ?? [];
  return reason;
}
