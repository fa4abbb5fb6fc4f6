/**
 * POST: stores the files of a form in a directory, one after another, each whole or not at all. The first one that fails ends
 * the request.
 */
import { TransferError } from '../../../errors.js';
import { joinRemotePath, type RemotePath } from '../../../protocol/remote-path.js';
import { MAX_FORM_PARTS, MAX_FORM_VALUE_BYTES } from '../limits.js';
import type { HttpExchange } from '../requests/http-exchange.js';
import { HttpError } from '../requests/http-error.js';
import { urlOf, type RequestTarget } from '../requests/request-target.js';
import type { HttpSession } from '../session/http-session.js';
import { uploadBody } from '../session/upload-body.js';
import { formBoundary, FormParser } from './form-parser.js';

/** Answers with the way back to the page of the directory. */
export async function storeForm(exchange: HttpExchange, { path }: RequestTarget): Promise<void> {
  const boundary = formBoundary(exchange.headers['content-type']);
  if (boundary === undefined)
    throw new HttpError(415, 'A POST must be a form with files: multipart/form-data, with a boundary.');
  const session = await exchange.login();
  const form = new FormParser(exchange.body, boundary);
  let overwrite = false;
  let count = 0;
  let stored = 0;
  for await (const { name, fileName, pieces } of form.parts()) {
    count += 1;
    if (count > MAX_FORM_PARTS)
      throw new HttpError(413, `A form may have ${MAX_FORM_PARTS} files. ${stored} are stored.`);
    if (fileName === undefined) {
      const value = await textOf(pieces);
      if (name === 'overwrite') overwrite = value === 'yes';
      // A form without a chosen file has one without a name.
    } else if (fileName !== '') {
      await storeFile(session, { directory: path, name: fileName, overwrite, pieces, stored });
      stored += 1;
    }
  }
  exchange.sendEmpty(303, { Location: urlOf(path, true) });
}

interface FormFile {
  readonly directory: RemotePath;
  readonly name: string;
  readonly overwrite: boolean;
  readonly pieces: AsyncIterable<Buffer>;
  /** Files of the form before it. */
  readonly stored: number;
}

async function storeFile(
  session: HttpSession,
  { directory, name, overwrite, pieces, stored }: FormFile,
): Promise<void> {
  try {
    if (/[/\\]/.test(name)) throw new TransferError('EILSEQ', 'A file in a form must not have a path.');
    const path = joinRemotePath(directory, name);
    // Without the field, a file is replaced.
    await uploadBody(session, { path, fields: overwrite ? {} : { overwrite: false }, pieces });
  } catch (thrown) {
    const { code, reason, retryAfterMs } = TransferError.from(thrown);
    const before = stored === 0 ? '' : ` Files stored before it: ${stored}.`;
    throw new TransferError(code, `${name}: ${reason}${before}`, { retryAfterMs, cause: thrown });
  }
}

/** The value of a field. Throws EMSGSIZE for a long one. */
async function textOf(pieces: AsyncIterable<Buffer>): Promise<string> {
  const read: Buffer[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    if (bytes > MAX_FORM_VALUE_BYTES)
      throw new TransferError('EMSGSIZE', `A field has more than ${MAX_FORM_VALUE_BYTES} bytes.`);
    read.push(piece);
  }
  return Buffer.concat(read).toString();
}
