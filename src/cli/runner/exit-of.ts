/** The exit code of each error. */
import type { KnownErrorCode } from '../../index.js';
import { ExitError } from './exit-error.js';
import type { ExitName } from './exit-codes.js';
import { UsageError } from './usage-error.js';

/** The exit code of each error of the library. */
export const exitOfCode: Record<KnownErrorCode, ExitName> = {
  ENOENT: 'missing',
  EEXIST: 'refused',
  EISDIR: 'other',
  ENOTDIR: 'missing',
  ENOTEMPTY: 'refused',
  EACCES: 'permission',
  EROFS: 'permission',
  EINVAL: 'other',
  EILSEQ: 'other',
  ENAMETOOLONG: 'other',
  EFBIG: 'limit',
  ENOSPC: 'other',
  EDQUOT: 'limit',
  EIO: 'other',
  ELOOP: 'refused',
  EXDEV: 'other',
  EBUSY: 'other',
  EAGAIN: 'connection',
  ETIMEDOUT: 'connection',
  ECANCELED: 'other',
  ESTALE: 'changed',
  ERANGE: 'other',
  EBADMSG: 'checksum',
  ENOTSUP: 'other',
  EPROTO: 'connection',
  EPROTONOSUPPORT: 'connection',
  EMSGSIZE: 'other',
  EAUTH: 'permission',
  EFLOOD: 'limit',
  ESHUTDOWN: 'connection',
  EGONE: 'other',
  ECONNREFUSED: 'connection',
  ECONNRESET: 'connection',
  EMFILE: 'other',
  ENOTRECOVERABLE: 'other',
  ESAFETY: 'refused',
};

/** Codes of the system about names and networks, which are not in the table of the library. */
const NETWORK_CODE = /^E(?:ADDR|AI_|HOST|NET|NOTFOUND|NOTCONN|NONET|TIMEOUT|SERVFAIL|REFUSED|NODATA)/;

/** The exit code of what a command has thrown. */
export function exitOf(error: unknown): ExitName {
  if (error instanceof ExitError) return error.exit;
  if (error instanceof UsageError) return 'usage';
  const code = errorCode(error) ?? '';
  if (Object.hasOwn(exitOfCode, code)) return exitOfCode[code as KnownErrorCode];
  return NETWORK_CODE.test(code) ? 'connection' : 'other';
}

/** The code of an error of the library or the system. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
