/**
 * Every failure is a {@link TransferError}. Its `code` is in the closed table below, or is an application's own code.
 * The table also numbers the codes in the binary codec, and equals the table in `docs/reference/errors.md`.
 */

interface ErrorRow {
  /** The code's number in the binary codec. It never changes. */
  readonly number: number;
  /** Whether the same request may succeed a little later. */
  readonly retryable: boolean;
  /** The default message. */
  readonly meaning: string;
}

/** The POSIX-style codes of socket-ftp. */
export const errorTable = {
  ENOENT: { number: 1, retryable: false, meaning: 'No such file or directory.' },
  EEXIST: { number: 2, retryable: false, meaning: 'The target already exists.' },
  EISDIR: { number: 3, retryable: false, meaning: 'The path is a directory; a file is required.' },
  ENOTDIR: { number: 4, retryable: false, meaning: 'The path is not a directory.' },
  ENOTEMPTY: { number: 5, retryable: false, meaning: 'The directory is not empty.' },
  EACCES: { number: 6, retryable: false, meaning: 'Permission denied.' },
  EROFS: { number: 7, retryable: false, meaning: 'The storage is read-only.' },
  EINVAL: { number: 8, retryable: false, meaning: 'An argument is invalid.' },
  EILSEQ: { number: 9, retryable: false, meaning: 'The name is not allowed.' },
  ENAMETOOLONG: { number: 10, retryable: false, meaning: 'The name or path is too long.' },
  EFBIG: { number: 11, retryable: false, meaning: 'The file is too large.' },
  ENOSPC: { number: 12, retryable: false, meaning: 'No space left on the device.' },
  EDQUOT: { number: 13, retryable: false, meaning: 'The quota is exceeded.' },
  EIO: { number: 14, retryable: false, meaning: 'Reading or writing failed.' },
  ELOOP: { number: 15, retryable: false, meaning: 'The path contains a symbolic link.' },
  EXDEV: { number: 16, retryable: false, meaning: 'The file system cannot rename between these paths.' },
  EBUSY: { number: 17, retryable: true, meaning: 'The file or directory is in use.' },
  EAGAIN: { number: 18, retryable: true, meaning: 'Over capacity; the request was not started.' },
  ETIMEDOUT: { number: 19, retryable: true, meaning: 'The operation timed out.' },
  ECANCELED: { number: 20, retryable: false, meaning: 'The request was cancelled.' },
  ESTALE: { number: 21, retryable: false, meaning: 'The file has changed.' },
  ERANGE: { number: 22, retryable: false, meaning: 'The offset is beyond the end of the file.' },
  EBADMSG: { number: 23, retryable: true, meaning: 'The data is damaged: size or checksum differ.' },
  ENOTSUP: { number: 24, retryable: false, meaning: 'Not supported.' },
  EPROTO: { number: 25, retryable: false, meaning: 'The peer violated the protocol.' },
  EPROTONOSUPPORT: { number: 26, retryable: false, meaning: 'The protocol version is not supported.' },
  EMSGSIZE: { number: 27, retryable: false, meaning: 'A message exceeds the size limit.' },
  EAUTH: { number: 28, retryable: false, meaning: 'The credentials were rejected.' },
  EFLOOD: { number: 29, retryable: false, meaning: 'The peer sent more data than allowed.' },
  ESHUTDOWN: { number: 30, retryable: true, meaning: 'The client or server is closed or closing.' },
  EGONE: { number: 31, retryable: false, meaning: 'The upload has expired.' },
  ECONNREFUSED: { number: 32, retryable: true, meaning: 'The connection was refused.' },
  ECONNRESET: { number: 33, retryable: true, meaning: 'The connection was lost.' },
  EMFILE: { number: 34, retryable: true, meaning: 'Too many files are open.' },
  ENOTRECOVERABLE: {
    number: 35,
    retryable: false,
    meaning: 'The server no longer knows whether it carried out the request.',
  },
  ESAFETY: { number: 36, retryable: false, meaning: 'Refused: it would delete more than is safe.' },
} as const satisfies Record<string, ErrorRow>;

/** A code of the closed table. */
export type KnownErrorCode = keyof typeof errorTable;

/** A code of the closed table, or a code that an application's own storage or strategy throws. */
export type ErrorCode = KnownErrorCode | (string & {});

/** The optional properties of a {@link TransferError}. */
export interface TransferErrorDetails {
  /** The remote path that the error is about. */
  path?: string | undefined;
  /** The operation that failed, e.g. `'download'`. */
  operation?: string | undefined;
  /** Whether the same request may succeed later. Default: as in the table, or `false` for other codes. */
  retryable?: boolean | undefined;
  /** Whether the request may have been carried out although no answer arrived. Default `false`. */
  outcomeUnknown?: boolean | undefined;
  /** Time in ms before which a retry would fail too, if the server knows it. Default `undefined`. */
  retryAfterMs?: number | undefined;
  /** The error behind this one. */
  cause?: unknown;
}

/** Marks the errors of every copy of this package in a process: ES module, CommonJS, and other versions. */
const BRAND = Symbol.for('socket-ftp.TransferError');

/**
 * The error of a failed request, transfer or connection. `code` is stable; messages may change. A message contains
 * everything that is known, e.g. `ENOENT: No such file or directory. (download 'report.txt')`.
 */
export class TransferError extends Error {
  /** `'AbortError'` with the code ECANCELED, `'TimeoutError'` with ETIMEDOUT, otherwise `'TransferError'`. */
  override readonly name: 'TransferError' | 'AbortError' | 'TimeoutError';
  /** A POSIX-style code, see `docs/reference/errors.md`. */
  readonly code: ErrorCode;
  /** The message without code, operation and path. */
  readonly reason: string;
  /** The remote path that the error is about, if any. */
  readonly path: string | undefined;
  /** The operation that failed, if any. */
  readonly operation: string | undefined;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /**
   * Whether the request may have been carried out although no answer arrived: the connection was lost, and the server was
   * restarted, no longer knows, or was not asked again. Check the result before you repeat the request.
   */
  readonly outcomeUnknown: boolean;
  /**
   * Time in ms, from the arrival of the error, after which the server expects to be able to serve the request; at most
   * 60,000 from a server. `undefined` if it is not known. A client that retries by itself waits for that long.
   */
  readonly retryAfterMs: number | undefined;

  /** @param reason - a sentence. Default: the meaning in the table */
  constructor(code: ErrorCode, reason?: string, details: TransferErrorDetails = {}) {
    const known = isKnownErrorCode(code) ? errorTable[code] : undefined;
    const sentence = reason ?? known?.meaning ?? 'The request failed.';
    super(
      `${code}: ${sentence}${context(details)}`,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.name = nameOf(code);
    this.code = code;
    this.reason = sentence;
    this.path = details.path;
    this.operation = details.operation;
    this.retryable = details.retryable ?? known?.retryable ?? false;
    this.outcomeUnknown = details.outcomeUnknown ?? false;
    this.retryAfterMs = details.retryAfterMs;
  }

  /**
   * Converts a thrown value: a TransferError stays the same, anything else becomes the `cause` of a new one with its
   * code. The message is not copied, because messages of the system contain local paths, which peers must not see.
   */
  static from(thrown: unknown, details: TransferErrorDetails = {}): TransferError {
    return transferErrorFrom(thrown, details);
  }

  /** Whether a value is a TransferError, also one of another copy of this package: the same as `instanceof`. */
  static is(value: unknown): value is TransferError {
    return hasBrand(value);
  }

  /** Makes `instanceof TransferError` true for errors of other copies of this package. Subclasses behave as usual. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (Object.hasOwn(this, Symbol.hasInstance)) return hasBrand(value);
    return Function.prototype[Symbol.hasInstance].call(this, value);
  }
}

Object.defineProperty(TransferError.prototype, BRAND, { value: true });

function hasBrand(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Reflect.get(value, BRAND) === true;
}

/** EPROTO, which ends the connection. */
export function protocolError(reason: string, cause?: unknown): TransferError {
  return new TransferError('EPROTO', reason, { cause });
}

/** The same error with another `outcomeUnknown`. */
export function withOutcome(error: TransferError, outcomeUnknown: boolean): TransferError {
  if (error.outcomeUnknown === outcomeUnknown) return error;
  const { code, reason, retryable, retryAfterMs, cause } = error;
  return new TransferError(code, reason, { retryable, retryAfterMs, cause, outcomeUnknown });
}

/**
 * A copy of a TransferError whose stack is that of the current call, with the async functions that await it; what else is
 * thrown stays the same. A copy, because several calls may fail with one error, such as that of a lost connection.
 */
export function withCallStack(thrown: unknown): unknown {
  if (!(thrown instanceof TransferError)) return thrown;
  const { code, reason, path, operation, retryable, outcomeUnknown, retryAfterMs, cause } = thrown;
  const details = { path, operation, retryable, outcomeUnknown, retryAfterMs, cause };
  return new TransferError(code, reason, details);
}

/** The names that web APIs and Node give to the same two failures. */
function nameOf(code: ErrorCode): TransferError['name'] {
  if (code === 'ECANCELED') return 'AbortError';
  return code === 'ETIMEDOUT' ? 'TimeoutError' : 'TransferError';
}

/** Whether a text can be a code: a word of at most 64 letters, digits, `_`, `.` and `-`. */
export function isErrorCode(text: string): boolean {
  return /^[A-Za-z][\w.-]{0,63}$/.test(text);
}

/** Whether a code is in the closed table. */
export function isKnownErrorCode(code: string): code is KnownErrorCode {
  return Object.hasOwn(errorTable, code);
}

// Not in the class: bundlers rename a class that refers to itself, which would show in stack traces.
function transferErrorFrom(thrown: unknown, details: TransferErrorDetails): TransferError {
  if (thrown instanceof TransferError) return withDetails(thrown, details);
  const code = codeOf(thrown);
  const retryable = networkCodes.has(code) ? true : undefined;
  return new TransferError(code, undefined, { cause: thrown, retryable, ...details });
}

/** Characters of a path in a message. A path that is refused can have any length. */
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
  const { code, reason, retryable, outcomeUnknown, retryAfterMs, cause } = error;
  return new TransferError(code, reason, {
    path,
    operation,
    retryable,
    outcomeUnknown,
    retryAfterMs,
    cause,
  });
}

// Codes of Node and the system that mean the same as one in the table.
const synonyms: Record<string, KnownErrorCode> = {
  EPERM: 'EACCES',
  EPIPE: 'ECONNRESET',
  ECONNABORTED: 'ECONNRESET',
  ENFILE: 'EMFILE',
  ABORT_ERR: 'ECANCELED',
  ERR_STREAM_PREMATURE_CLOSE: 'ECONNRESET',
  // From opening a socket, or a device without a driver.
  ENXIO: 'EACCES',
  ENODEV: 'EACCES',
  // From O_NOFOLLOW on FreeBSD and NetBSD.
  EMLINK: 'ELOOP',
  EFTYPE: 'ELOOP',
  ETXTBSY: 'EBUSY',
  EOPNOTSUPP: 'ENOTSUP',
  ENOSYS: 'ENOTSUP',
};

/** Codes of the network and of name resolution. They are retryable; a server never sends them. */
export const networkCodes: ReadonlySet<string> = new Set([
  'EADDRINUSE',
  'EADDRNOTAVAIL',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETRESET',
  'ENETUNREACH',
  'ENOBUFS',
  'ENONET',
  'ENOTCONN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EAI_MEMORY',
  'EAI_NODATA',
  'EAI_NONAME',
  'ENODATA',
  'EREFUSED',
  'ESERVFAIL',
  'ETIMEOUT',
]);

function codeOf(thrown: unknown): ErrorCode {
  if (typeof thrown !== 'object' || thrown === null) return 'EIO';
  if ('name' in thrown && thrown.name === 'AbortError') return 'ECANCELED';
  if ('name' in thrown && thrown.name === 'TimeoutError') return 'ETIMEDOUT';
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
  if (Object.hasOwn(synonyms, code)) return synonyms[code] ?? 'EIO';
  // Node's ERR_ codes report mistakes in a program.
  return /^E(?!RR_)[A-Z0-9_]+$/.test(code) ? code : 'EIO';
}
