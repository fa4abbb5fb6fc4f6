/**
 * Every failure a user meets is a {@link TransferError} whose `code` is a row of one closed table, or a code of
 * the user's own. The table is also the binary codec's numbering and the source of `docs/reference/errors.md`.
 */

interface ErrorRow {
  /** The code's number in the binary codec. Never reused, never changed. */
  readonly number: number;
  /** Whether the same request, unchanged, may succeed a little later. */
  readonly retryable: boolean;
  /** What happened, as a sentence; also the message when none is given. */
  readonly meaning: string;
}

/** The codes that socket-ftp itself uses, with their numbers on the wire, in POSIX's words. */
export const errorTable = {
  ENOENT: { number: 1, retryable: false, meaning: 'No such file or directory.' },
  EEXIST: { number: 2, retryable: false, meaning: 'The target exists already.' },
  EISDIR: { number: 3, retryable: false, meaning: 'It is a directory, and a file is needed.' },
  ENOTDIR: { number: 4, retryable: false, meaning: 'It is not a directory, and one is needed.' },
  ENOTEMPTY: { number: 5, retryable: false, meaning: 'The directory is not empty.' },
  EACCES: { number: 6, retryable: false, meaning: 'Permission denied.' },
  EROFS: { number: 7, retryable: false, meaning: 'The storage is read-only.' },
  EINVAL: { number: 8, retryable: false, meaning: 'An argument is not valid.' },
  EILSEQ: { number: 9, retryable: false, meaning: 'The name is not allowed.' },
  ENAMETOOLONG: { number: 10, retryable: false, meaning: 'The name or path is too long.' },
  EFBIG: { number: 11, retryable: false, meaning: 'The file is too large.' },
  ENOSPC: { number: 12, retryable: false, meaning: 'No space is left on the device.' },
  EDQUOT: { number: 13, retryable: false, meaning: 'The quota is used up.' },
  EIO: { number: 14, retryable: false, meaning: 'Reading or writing failed.' },
  ELOOP: { number: 15, retryable: false, meaning: 'The path leads through a symbolic link.' },
  EXDEV: { number: 16, retryable: false, meaning: 'The two paths are on different devices.' },
  EBUSY: { number: 17, retryable: true, meaning: 'It is in use.' },
  EAGAIN: { number: 18, retryable: true, meaning: 'Over capacity; the request was not begun.' },
  ETIMEDOUT: { number: 19, retryable: true, meaning: 'It took too long.' },
  ECANCELED: { number: 20, retryable: false, meaning: 'The request was cancelled.' },
  ESTALE: { number: 21, retryable: false, meaning: 'The file changed meanwhile.' },
  ERANGE: { number: 22, retryable: false, meaning: 'The offset is beyond the end.' },
  EBADMSG: { number: 23, retryable: true, meaning: 'The bytes are damaged: size or checksum differ.' },
  ENOTSUP: { number: 24, retryable: false, meaning: 'Not supported.' },
  EPROTO: { number: 25, retryable: false, meaning: 'The peer broke the protocol.' },
  EPROTONOSUPPORT: { number: 26, retryable: false, meaning: 'The protocol version is not supported.' },
  EMSGSIZE: { number: 27, retryable: false, meaning: 'A message is larger than the limit.' },
  EAUTH: { number: 28, retryable: false, meaning: 'The credentials were refused.' },
  EFLOOD: { number: 29, retryable: false, meaning: 'The peer sends more than was granted.' },
  ESHUTDOWN: { number: 30, retryable: true, meaning: 'The endpoint is closed or is closing.' },
  EGONE: { number: 31, retryable: false, meaning: 'The upload has expired.' },
  ECONNREFUSED: { number: 32, retryable: true, meaning: 'Nothing accepts connections there.' },
  ECONNRESET: { number: 33, retryable: true, meaning: 'The connection was lost.' },
  EMFILE: { number: 34, retryable: true, meaning: 'Too many files are open.' },
} as const satisfies Record<string, ErrorRow>;

/** A code of the closed table. */
export type KnownErrorCode = keyof typeof errorTable;

/** A code of the closed table, or one that an application's own storage, strategy or command throws. */
export type ErrorCode = KnownErrorCode | (string & {});

/** What a {@link TransferError} says besides its code and message. */
export interface TransferErrorDetails {
  /** The remote path concerned. */
  path?: string | undefined;
  /** The operation concerned, e.g. `'download'`. */
  operation?: string | undefined;
  /** Whether the same request may succeed later. Default: the table's word on the code, `false` for other codes. */
  retryable?: boolean | undefined;
  /** Whether it may have been done although no answer came. Default `false`. */
  outcomeUnknown?: boolean | undefined;
  /** What caused it. */
  cause?: unknown;
}

/**
 * The one error class of transfers: `code` is stable and documented, the message may change. The message says all
 * that is known, e.g. `ENOENT: No such file or directory. (download 'report.txt')`.
 */
export class TransferError extends Error {
  override readonly name = 'TransferError';
  /** A POSIX-style name, see `docs/reference/errors.md`. */
  readonly code: ErrorCode;
  /** What happened, as a sentence, without code, operation and path. */
  readonly reason: string;
  /** The remote path concerned, if one is. */
  readonly path: string | undefined;
  /** The operation concerned, if one is. */
  readonly operation: string | undefined;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /**
   * Whether the server may have done what was asked although no answer came, because the connection was lost
   * meanwhile. Only of requests whose repetition could do harm: look before you repeat them.
   */
  readonly outcomeUnknown: boolean;

  /** @param reason - what happened, as a sentence. Default: the table's */
  constructor(code: ErrorCode, reason?: string, details: TransferErrorDetails = {}) {
    const known = isKnownErrorCode(code) ? errorTable[code] : undefined;
    const sentence = reason ?? known?.meaning ?? 'It failed.';
    super(
      `${code}: ${sentence}${context(details)}`,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.code = code;
    this.reason = sentence;
    this.path = details.path;
    this.operation = details.operation;
    this.retryable = details.retryable ?? known?.retryable ?? false;
    this.outcomeUnknown = details.outcomeUnknown ?? false;
  }

  /**
   * Any thrown thing as a TransferError: itself, or a new one with the code it carries and itself as `cause`. Its
   * message is not taken over: those of the system name local paths, which are nobody else's business.
   */
  static from(thrown: unknown, details: TransferErrorDetails = {}): TransferError {
    return transferErrorFrom(thrown, details);
  }
}

/** The peer broke the protocol, which ends the connection. */
export function protocolError(reason: string, cause?: unknown): TransferError {
  return new TransferError('EPROTO', reason, { cause });
}

/** The same failure, of a request that the server may have carried out, or certainly has not. */
export function withOutcome(error: TransferError, outcomeUnknown: boolean): TransferError {
  if (error.outcomeUnknown === outcomeUnknown) return error;
  const { code, reason, retryable, cause } = error;
  return new TransferError(code, reason, { retryable, cause, outcomeUnknown: outcomeUnknown });
}

/** Whether a code is a row of the closed table. */
export function isKnownErrorCode(code: string): code is KnownErrorCode {
  return Object.hasOwn(errorTable, code);
}

// Outside the class: where a class names itself, bundlers give it another name, which stacks would show.
function transferErrorFrom(thrown: unknown, details: TransferErrorDetails): TransferError {
  if (thrown instanceof TransferError) return withDetails(thrown, details);
  const code = codeOf(thrown);
  const retryable = transient.has(code) ? true : undefined;
  return new TransferError(code, undefined, { cause: thrown, retryable, ...details });
}

/** Characters of a path in a message: one that is too long may be of any length. */
const MAX_SHOWN_PATH = 1_000;

function context({ operation, path }: TransferErrorDetails): string {
  const words = [operation, path === undefined ? undefined : quotePath(path)].filter(
    (word) => word !== undefined,
  );
  return words.length === 0 ? '' : ` (${words.join(' ')})`;
}

function quotePath(path: string): string {
  return path.length > MAX_SHOWN_PATH ? `'${path.slice(0, MAX_SHOWN_PATH)}'...` : `'${path}'`;
}

function withDetails(error: TransferError, details: TransferErrorDetails): TransferError {
  const path = error.path ?? details.path;
  const operation = error.operation ?? details.operation;
  if (path === error.path && operation === error.operation) return error;
  const { code, reason, retryable, outcomeUnknown, cause } = error;
  return new TransferError(code, reason, {
    path,
    operation,
    retryable,
    outcomeUnknown: outcomeUnknown,
    cause,
  });
}

// Codes that Node or the system use for what the table calls by another name.
const synonyms: Record<string, KnownErrorCode> = {
  EPERM: 'EACCES',
  EPIPE: 'ECONNRESET',
  ECONNABORTED: 'ECONNRESET',
  ENFILE: 'EMFILE',
  ABORT_ERR: 'ECANCELED',
  ERR_STREAM_PREMATURE_CLOSE: 'ECONNRESET',
  // Opening a socket, or a device without a driver.
  ENXIO: 'EACCES',
  ENODEV: 'EACCES',
  // What O_NOFOLLOW gives on FreeBSD, and on NetBSD.
  EMLINK: 'ELOOP',
  EFTYPE: 'ELOOP',
  ETXTBSY: 'EBUSY',
  EOPNOTSUPP: 'ENOTSUP',
  ENOSYS: 'ENOTSUP',
};

// What the network says of itself: never a server's word, so the table, which is the wire's, does not have them.
const transient = new Set(['EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN']);

function codeOf(thrown: unknown): ErrorCode {
  if (typeof thrown !== 'object' || thrown === null) return 'EIO';
  if ('name' in thrown && thrown.name === 'AbortError') return 'ECANCELED';
  if ('name' in thrown && thrown.name === 'TimeoutError') return 'ETIMEDOUT';
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
  if (Object.hasOwn(synonyms, code)) return synonyms[code] ?? 'EIO';
  // Node's own codes (ERR_...) tell of mistakes in a program, not of what happened to a file.
  return /^E(?!RR_)[A-Z0-9_]+$/.test(code) ? code : 'EIO';
}
