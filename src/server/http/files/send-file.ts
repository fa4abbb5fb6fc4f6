/**
 * Answers with a file, or a part of it.
 *
 *     entry -> conditions: 304, 412 -> range: 416 -> download of this version -> 200, 206
 */
import { TransferError } from '../../../errors.js';
import type { FileEntry } from '../../../protocol/entry.js';
import { splitPath } from '../../../protocol/remote-path.js';
import { isWeakEtag } from '../../../protocol/weak-etag.js';
import { MAX_CHANGED_FILES } from '../limits.js';
import type { HttpExchange, ResponseHeaders } from '../requests/http-exchange.js';
import { HttpError } from '../requests/http-error.js';
import type { RequestTarget } from '../requests/request-target.js';
import { statOrRead } from '../requests/stat-or-read.js';
import type { HttpSession } from '../session/http-session.js';
import type { SessionRequest } from '../session/session-request.js';
import { parseByteRange, type ByteRange } from './byte-range.js';
import { isRangeOfVersion, statusByConditions, type FileVersion } from './conditions.js';
import { contentDisposition } from './content-disposition.js';
import { entityTag } from './entity-tag.js';
import { mediaTypeOf } from './media-type.js';

export interface FoundFile {
  readonly entry: FileEntry;
  readonly target: RequestTarget;
}

/** Throws before the head if the file cannot be read. */
export async function sendFile(
  exchange: HttpExchange,
  session: HttpSession,
  found: FoundFile,
): Promise<void> {
  let { entry } = found;
  for (let attempt = 1; ; attempt++) {
    try {
      return await sendVersion(exchange, session, { ...found, entry });
    } catch (thrown) {
      const { code } = TransferError.from(thrown);
      const hasChanged = code === 'ESTALE' || code === 'ERANGE';
      if (!hasChanged || exchange.response.headersSent) throw thrown;
      if (attempt === MAX_CHANGED_FILES) throw new HttpError(503, 'The file changes all the time.');
      entry = await statOrRead(session, entry.path);
    }
  }
}

async function sendVersion(
  exchange: HttpExchange,
  session: HttpSession,
  { entry, target }: FoundFile,
): Promise<void> {
  const { headers, isHead } = exchange;
  const version = { tag: entityTag(entry.etag), mtime: entry.mtime };
  const status = statusByConditions(headers, version);
  if (status === 304) return exchange.sendEmpty(304, versionHeaders(version));
  if (status === 412) throw new HttpError(412, 'The file is not the version that the request asks for.');
  const range = rangeOf(exchange, version, entry.size);
  const part = range ?? { from: 0, to: entry.size };
  const download = await openVersion(session, entry, isHead ? { from: 0, to: 0 } : part);
  try {
    exchange.writeHead(range ? 206 : 200, {
      ...versionHeaders(version),
      ...contentHeaders(entry, target),
      'Accept-Ranges': 'bytes',
      'Content-Length': part.to - part.from,
      'Content-Range': range && `bytes ${range.from}-${range.to - 1}/${entry.size}`,
    });
    await (isHead ? download.result() : exchange.writeBodyOf(download));
    exchange.response.end();
  } finally {
    download.cancel();
  }
}

/** The part that the request asks for; undefined for the whole file. Throws the error of status 416. */
function rangeOf(
  { method, headers }: HttpExchange,
  version: FileVersion,
  size: number,
): ByteRange | undefined {
  const isRange = method === 'GET' && isRangeOfVersion(headers['if-range']?.toString(), version);
  const range = parseByteRange(isRange ? headers.range : undefined, size);
  if (range !== null) return range;
  throw new HttpError(416, `The file has ${size} bytes.`, { 'Content-Range': `bytes */${size}` });
}

/** Throws ESTALE if the file is not the version of the entry any more. */
async function openVersion(session: HttpSession, entry: FileEntry, part: ByteRange): Promise<SessionRequest> {
  const { path, size, etag, mtime } = entry;
  const ifMatch = isWeakEtag(etag) ? undefined : etag;
  const fields = { path, offset: part.from || undefined, maxBytes: part.to - part.from, ifMatch };
  const download = session.request({ op: 'download', ...fields }, 'body');
  try {
    const accepted = await download.accepted();
    if (accepted.size !== size || accepted.mtime !== mtime.getTime()) throw new TransferError('ESTALE');
    return download;
  } catch (thrown) {
    download.cancel();
    throw thrown;
  }
}

function versionHeaders({ tag, mtime }: FileVersion): ResponseHeaders {
  return { ETag: tag, 'Last-Modified': mtime.toUTCString() };
}

function contentHeaders({ path }: FileEntry, { query }: RequestTarget): ResponseHeaders {
  const { name } = splitPath(path);
  const { type, isShown, policy } = mediaTypeOf(name);
  const kind = isShown && !query.has('download') ? 'inline' : 'attachment';
  return {
    'Content-Type': type,
    'Content-Disposition': contentDisposition(kind, name),
    'Content-Security-Policy': policy,
  };
}
