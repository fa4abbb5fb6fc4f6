/**
 * The errors of a connection, TLS included, as TransferErrors. Codes such as ENOENT are kept for what a server answers
 * about a path, so that a missing Unix socket is not taken for a missing file.
 */
import { networkCodes, TransferError, isKnownErrorCode, type KnownErrorCode } from '../../errors.js';

/** The codes of the table that only a server's answer about a path has. */
export const pathCodes: ReadonlySet<string> = new Set<KnownErrorCode>([
  'ENOENT',
  'EEXIST',
  'EISDIR',
  'ENOTDIR',
  'ENOTEMPTY',
  'EACCES',
  'EROFS',
  'EINVAL',
  'EILSEQ',
  'ENAMETOOLONG',
  'EFBIG',
  'ENOSPC',
  'EDQUOT',
  'ELOOP',
  'EXDEV',
  'ESTALE',
  'ERANGE',
  'EGONE',
]);

/** The code of an error of the system that has no code of a connection: while connecting, or later. */
type FallbackCode = 'ECONNREFUSED' | 'ECONNRESET';

/**
 * The TransferError of a failed connection. Its message contains the system's, which names only host and port, or the
 * Unix socket or program that is missing. Only a mistake in the program is not retryable.
 */
export function connectionError(thrown: unknown, fallback: FallbackCode = 'ECONNRESET'): TransferError {
  if (thrown instanceof TransferError) return withoutPathCode(thrown, fallback);
  if (!(thrown instanceof Error)) return TransferError.from(thrown);
  if (!isTlsError(thrown)) {
    const { code } = TransferError.from(thrown);
    const isOwn = networkCodes.has(code) || (isKnownErrorCode(code) && !pathCodes.has(code));
    const reason = `The connection failed: ${messageOf(thrown)}.`;
    const retryable = !isMistake(thrown) && code !== 'ECANCELED';
    return new TransferError(isOwn ? code : fallback, reason, { retryable, cause: thrown });
  }
  // A client learns that its certificate was rejected only after its own part of the handshake.
  if (isCertificateAlert(thrown)) return certificateRejected(thrown);
  // After the handshake, a TLS error most likely means that bytes were damaged.
  const reason = `TLS failed: ${tlsReason(thrown)}.`;
  return new TransferError('EPROTO', reason, { retryable: true, cause: thrown });
}

/** The same error, or if it has the code of a path, one with another code and without a path. */
export function withoutPathCode(
  error: TransferError,
  code: KnownErrorCode,
  retryable?: boolean,
): TransferError {
  if (!pathCodes.has(error.code)) return error;
  const { retryAfterMs } = error;
  return new TransferError(code, error.reason, { retryable, retryAfterMs, cause: error });
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

/** Whether an error reports a mistake in the program rather than a failure of the network. */
function isMistake(error: Error): boolean {
  return error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
}

/** The message of the system. An error of several addresses has none of its own. */
function messageOf(error: NodeJS.ErrnoException): string {
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map((one) => (one instanceof Error ? one.message : String(one))).join('; ');
  }
  return error.code === 'ENOENT'
    ? `${error.message}: there is no such Unix socket or program`
    : error.message;
}
