/** Codes of errors as statuses of HTTP, for a program that passes requests of HTTP on to a server. */
import { errorTable, TransferError, type KnownErrorCode } from './errors.js';

/** The status of each code of the table of errors. A gateway that knows better, such as for its own conditions, decides itself. */
export const httpStatusTable: Readonly<Record<KnownErrorCode, number>> = {
  ENOENT: 404,
  EEXIST: 409,
  EISDIR: 409,
  ENOTDIR: 409,
  ENOTEMPTY: 409,
  EACCES: 403,
  EROFS: 403,
  EINVAL: 400,
  EILSEQ: 400,
  ENAMETOOLONG: 414,
  EFBIG: 413,
  ENOSPC: 507,
  EDQUOT: 507,
  EIO: 502,
  ELOOP: 403,
  EXDEV: 409,
  EBUSY: 423,
  EAGAIN: 503,
  ETIMEDOUT: 504,
  ECANCELED: 499,
  ESTALE: 412,
  ERANGE: 416,
  EBADMSG: 502,
  ENOTSUP: 501,
  EPROTO: 502,
  EPROTONOSUPPORT: 502,
  EMSGSIZE: 413,
  EAUTH: 502,
  EFLOOD: 502,
  ESHUTDOWN: 503,
  EGONE: 410,
  ECONNREFUSED: 502,
  ECONNRESET: 502,
  EMFILE: 503,
  ENOTRECOVERABLE: 502,
  ESAFETY: 409,
};

/** The status of an error: that of its code in {@link httpStatusTable}, otherwise 500. */
export function httpStatusOf(error: unknown): number {
  const { code } = TransferError.from(error);
  return isKnown(code) ? httpStatusTable[code] : 500;
}

function isKnown(code: string): code is KnownErrorCode {
  return Object.hasOwn(errorTable, code);
}
