/** PUT: stores the body of the request as a file, whole or not at all. */
import { TransferError } from '../../../errors.js';
import type { RequestFields } from '../../../session/client-session.js';
import { entityTag, entityTagsIn } from '../files/entity-tag.js';
import type { HttpExchange } from '../requests/http-exchange.js';
import { HttpError } from '../requests/http-error.js';
import type { RequestTarget } from '../requests/request-target.js';
import { statOrRead } from '../requests/stat-or-read.js';
import type { HttpSession } from '../session/http-session.js';
import { uploadBody } from '../session/upload-body.js';

export async function putFile(exchange: HttpExchange, { path, isDirectory }: RequestTarget): Promise<void> {
  const { headers, body } = exchange;
  if (isDirectory)
    throw new HttpError(405, 'Only a file can be stored.', { Allow: 'GET, HEAD, POST, DELETE' });
  if (headers['content-range'] !== undefined)
    throw new HttpError(400, 'A part of a file cannot be stored: send the whole file.');
  if (headers['content-encoding'] !== undefined)
    throw new HttpError(415, 'The body must be the bytes of the file, without a Content-Encoding.');
  const session = await exchange.login();
  // With the condition that there is none, only an upload that fails would find one.
  const mayExist = headers['if-none-match'] === undefined;
  const previous = mayExist ? await statOrRead(session, path).catch(() => undefined) : undefined;
  const length = headers['content-length'];
  const size = length === undefined ? undefined : Number(length);
  if (size !== undefined && !Number.isSafeInteger(size)) throw new TransferError('EFBIG');
  const condition = conditionOf(exchange, previous?.etag);
  const stored = await store(
    session,
    { path, fields: { size, ...condition }, pieces: body },
    headers['if-none-match'],
  );
  exchange.sendEmpty(previous ? 204 : 201, { ETag: entityTag(stored.etag) });
}

function conditionOf({ headers }: HttpExchange, etag: string | undefined): Partial<RequestFields> {
  const ifMatch = headers['if-match'];
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined && ifNoneMatch.trim() !== '*')
    throw new HttpError(400, 'If-None-Match of a PUT must be *.');
  if (ifMatch === undefined) return ifNoneMatch === undefined ? {} : { overwrite: false };
  const tag = entityTag(etag);
  const matches = ifMatch.trim() === '*' || (tag !== undefined && entityTagsIn(ifMatch).includes(tag));
  // A weak one satisfies no condition of a storage, so that the upload fails.
  if (tag !== undefined && matches) return { ifMatch: etag };
  throw new HttpError(412, 'The file is not the version that the request asks for.');
}

async function store(
  session: HttpSession,
  upload: Parameters<typeof uploadBody>[1],
  ifNoneMatch: string | undefined,
): ReturnType<typeof uploadBody> {
  try {
    return await uploadBody(session, upload);
  } catch (thrown) {
    if (ifNoneMatch !== undefined && thrown instanceof TransferError && thrown.code === 'EEXIST')
      throw new HttpError(412, 'A file with this name exists.');
    throw thrown;
  }
}
