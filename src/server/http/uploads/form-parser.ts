/**
 * A form with files (multipart/form-data, RFC 7578), read part by part. Neither a file nor the form is ever in memory.
 *
 *     pieces -> #fill -> part: head -> its bytes, up to the next delimiter -> part ... -> end
 */
import { TransferError } from '../../../errors.js';
import { MAX_BOUNDARY_LENGTH, MAX_PART_HEAD_BYTES } from '../limits.js';

export interface FormPart {
  readonly name: string;
  /** Undefined for a field that is not a file. */
  readonly fileName: string | undefined;
  /** To be read to its end before the next part. */
  readonly pieces: AsyncIterable<Buffer>;
}

const HEAD_END = Buffer.from('\r\n\r\n');

/** The boundary of a Content-Type; undefined if it is that of no form with files. */
export function formBoundary(contentType: string | undefined): string | undefined {
  const [, quoted, plain] =
    /^multipart\/form-data *;.*?\bboundary=(?:"([^"]+)"|([^\s;"]+))/i.exec(contentType ?? '') ?? [];
  const boundary = quoted ?? plain;
  return boundary !== undefined && boundary.length <= MAX_BOUNDARY_LENGTH ? boundary : undefined;
}

export class FormParser {
  readonly #source: AsyncIterator<Buffer>;
  readonly #delimiter: Buffer;
  /** Bytes that have been read and belong to no part yet. The first delimiter has no line before it. */
  #rest: Buffer = Buffer.from('\r\n');

  constructor(body: AsyncIterable<Buffer>, boundary: string) {
    this.#source = body[Symbol.asyncIterator]();
    this.#delimiter = Buffer.from(`\r\n--${boundary}`);
  }

  /** The parts of the form, in order. Throws EINVAL if it is not well-formed, or ends too early. */
  async *parts(): AsyncGenerator<FormPart, undefined, undefined> {
    // What is before the first delimiter has no meaning.
    for await (const _ of this.#untilDelimiter());
    while (!(await this.#isEnd())) {
      const { name, fileName } = parseHead(await this.#head());
      const pieces = this.#untilDelimiter();
      yield { name, fileName, pieces };
      // Of a part that was not read.
      for await (const _ of pieces);
    }
    return undefined;
  }

  /** The bytes up to the next delimiter, which is taken, too. */
  async *#untilDelimiter(): AsyncGenerator<Buffer, undefined, undefined> {
    const delimiter = this.#delimiter;
    for (;;) {
      const at = this.#rest.indexOf(delimiter);
      const end = at < 0 ? Math.max(0, this.#rest.length - delimiter.length + 1) : at;
      const piece = this.#rest.subarray(0, end);
      this.#rest = this.#rest.subarray(at < 0 ? end : end + delimiter.length);
      if (piece.length > 0) yield piece;
      if (at >= 0) return undefined;
      await this.#fill();
    }
  }

  /** Whether the last delimiter was that of the end. */
  async #isEnd(): Promise<boolean> {
    while (this.#rest.length < 2) await this.#fill();
    const line = this.#rest.toString('latin1', 0, 2);
    if (line !== '--' && line !== '\r\n')
      throw malformed('a delimiter is followed by something else than a line');
    return line === '--';
  }

  /** The lines of the head of a part, behind the line of its delimiter. */
  async #head(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf(HEAD_END);
      if (end > MAX_PART_HEAD_BYTES || (end < 0 && this.#rest.length > MAX_PART_HEAD_BYTES))
        throw new TransferError('EMSGSIZE', `The head of a part has more than ${MAX_PART_HEAD_BYTES} bytes.`);
      const head = this.#rest.toString('utf8', 2, end);
      if (end >= 0) this.#rest = this.#rest.subarray(end + HEAD_END.length);
      if (end >= 0) return head;
      await this.#fill();
    }
  }

  async #fill(): Promise<void> {
    const next = await this.#source.next();
    if (next.done) throw malformed('it ends before its last delimiter');
    this.#rest = this.#rest.length === 0 ? next.value : Buffer.concat([this.#rest, next.value]);
  }
}

function parseHead(head: string): Pick<FormPart, 'name' | 'fileName'> {
  const disposition = head.split('\r\n').find((line) => /^content-disposition *:/i.test(line)) ?? '';
  const name = /[ ;]name="([^"]*)"/i.exec(disposition)?.[1];
  if (name === undefined) throw malformed('a part of it has no name');
  return { name: unescaped(name), fileName: fileNameOf(disposition) };
}

function fileNameOf(disposition: string): string | undefined {
  const name = /[ ;]filename="((?:\\.|[^"\\])*)"/i.exec(disposition)?.[1];
  return name === undefined ? undefined : unescaped(name);
}

/** Browsers escape only these three characters of a name, by the standard of HTML. */
function unescaped(name: string): string {
  return name.replaceAll(/%(?:22|0D|0A)/gi, (escape) => decodeURIComponent(escape)).replaceAll('\\"', '"');
}

function malformed(reason: string): TransferError {
  return new TransferError('EINVAL', `The form is not well-formed: ${reason}.`);
}
