/**
 * The framing that text, JSON and XML share: a header is a line; a payload follows it raw, and a LF follows the payload.
 *
 *     header LF                      header with length=5 LF hello LF
 *
 * LF and CRLF both end a header. A notation of a user's own is two functions: a frame as a line, a line as a record.
 */
import { isUtf8 } from 'node:buffer';
import { protocolError } from '../../errors.js';
import { isFieldText, type FieldName, type FieldValue } from '../../protocol/fields.js';
import { fieldsOf, frameFromRecord, type Frame, type WireRecord } from '../../protocol/frames.js';
import type { Codec } from '../codec.js';
import { FrameDecoder, type HeaderFormat } from '../framing/frame-decoder.js';

/** A notation of which every header is one line of UTF-8. */
export interface LineFormat {
  /** What the codec is called. */
  readonly name: string;
  /** A frame as a line, without its end. It must hold no control character. */
  format(frame: Frame): string;
  /**
   * What a line says: `type` and the fields by name. The line is not empty and holds no control character. May throw
   * anything: the connection then ends with EPROTO, or with what is thrown if that is a TransferError.
   */
  parse(line: string): WireRecord;
  /** Whether a connection that begins with these bytes speaks this notation, see {@link Codec.detect}. */
  detect?(firstBytes: Uint8Array): boolean | undefined;
  /** Whether a line may begin with these 1 to 16 bytes. Asked while the rest is missing, to refuse at once. */
  canStartWith?(firstBytes: Uint8Array): boolean;
}

/** The codec of a notation by lines. */
export function defineLineCodec(notation: LineFormat): Codec {
  const headers = lineHeaders(notation);
  const codec: Codec = {
    name: notation.name,
    payloadTrailer: TRAILER,
    encode: (frame) => Buffer.from(notation.format(frame) + '\n'),
    decoder: (sink, limits) => new FrameDecoder(headers, sink, limits),
  };
  if (notation.detect !== undefined) codec.detect = (firstBytes) => notation.detect?.(firstBytes);
  return codec;
}

/** The notations of a frame's fields, one behind the other. */
export function joinFields(frame: Frame, notate: (name: FieldName, value: FieldValue) => string): string {
  let joined = '';
  for (const [name, value] of fieldsOf(frame)) joined += notate(name, value);
  return joined;
}

const LF = 0x0a;
const CR = 0x0d;
const TRAILER = Buffer.from([LF]);
const BEGINNING_BYTES = 16;

function lineHeaders(notation: LineFormat): HeaderFormat {
  return {
    trailerByte: LF,
    endOf(bytes, start, from) {
      const lineFeed = bytes.indexOf(LF, from);
      if (lineFeed >= 0) return lineFeed + 1;
      if (notation.canStartWith !== undefined && from - start < BEGINNING_BYTES) {
        const isPossible = notation.canStartWith(bytes.subarray(start, start + BEGINNING_BYTES));
        if (!isPossible) throw protocolError(`No ${notation.name} header begins so.`);
      }
      return undefined;
    },
    read: (header) => frameFromRecord(notation.parse(lineOf(header))),
  };
}

const NOT_PRINTABLE_ASCII = /[^\u0020-\u007e]/;

function lineOf(header: Buffer): string {
  const end = header.length - (header.at(-2) === CR ? 2 : 1);
  if (end === 0) throw protocolError('A header line is empty.');
  const ascii = header.toString('latin1', 0, end);
  if (!NOT_PRINTABLE_ASCII.test(ascii)) return ascii;
  if (!isUtf8(header)) throw protocolError('A header is not UTF-8.');
  const line = header.toString('utf8', 0, end);
  if (!isFieldText(line)) throw protocolError('A header holds a control character.');
  return line;
}
