/**
 * The framing of text, JSON and XML: a header is a line, its payload follows raw, and an LF follows the payload.
 *
 *     header LF                      header with length=5 LF hello LF
 *
 * LF or CRLF ends a header. An application's own format is two functions: format a frame, parse a line.
 */
import { isUtf8 } from 'node:buffer';
import { protocolError } from '../../errors.js';
import { isFieldText } from '../../protocol/fields.js';
import type { Frame, UnknownFrame } from '../../protocol/frames.js';
import { frameFromRecord, type WireRecord } from '../../protocol/records/frame-from-record.js';
import type { Codec } from '../codec.js';
import { FrameDecoder, type HeaderFormat } from '../framing/frame-decoder.js';

/** A format with one line of UTF-8 for each header. */
export interface LineFormat {
  /** The name of the codec. */
  readonly name: string;
  /** Formats a frame as a line, without line end and control characters. */
  format(frame: Frame): string;
  /**
   * Parses a line, which is not empty and has no control characters: `type` and the fields by name. May throw: a
   * TransferError, or anything else for EPROTO, ends the connection.
   */
  parse(line: string): WireRecord;
  /** See {@link Codec.detect}. */
  detect?(firstBytes: Uint8Array): boolean | undefined;
  /** Whether a line can begin with these 1 to 16 bytes. Used to reject garbage before the line is complete. */
  canStartWith?(firstBytes: Uint8Array): boolean;
}

/** Defines a codec with one line for each header. */
export function defineLineCodec(format: LineFormat): Codec {
  const headers = lineHeaders(format);
  const codec: Codec = {
    name: format.name,
    payloadTrailer: TRAILER,
    encode: (frame) => Buffer.from(format.format(frame) + '\n'),
    decoder: (sink, limits) => new FrameDecoder(headers, sink, limits),
  };
  if (format.detect !== undefined) codec.detect = (firstBytes) => format.detect?.(firstBytes);
  return codec;
}

const LF = 0x0a;
const CR = 0x0d;
const TRAILER = Buffer.from([LF]);
const BEGINNING_BYTES = 16;

function lineHeaders(format: LineFormat): HeaderFormat {
  return {
    trailerByte: LF,
    endOf(bytes, start, from) {
      const lineFeed = bytes.indexOf(LF, from);
      if (lineFeed >= 0) return lineFeed + 1;
      if (format.canStartWith !== undefined && from - start < BEGINNING_BYTES) {
        const isPossible = format.canStartWith(bytes.subarray(start, start + BEGINNING_BYTES));
        if (!isPossible) throw protocolError(`The bytes are not a ${format.name} header.`);
      }
      return undefined;
    },
    read(header) {
      const frame = frameFromRecord(format.parse(lineOf(header)));
      return header.length > MAX_KEPT_BYTES ? withOwnTexts(frame) : frame;
    },
  };
}

/** Bytes of a line that one of its texts may keep in memory: in V8, a part of a string is a view of the whole string. */
const MAX_KEPT_BYTES = 512;

/** The frame with copies of its texts: some live long, such as a path that is watched. */
function withOwnTexts(frame: Frame | UnknownFrame): Frame | UnknownFrame {
  const own = Object.entries(frame).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === 'string' ? Buffer.from(value).toString() : value,
  ]);
  return Object.fromEntries(own) as Frame | UnknownFrame;
}

const NOT_PRINTABLE_ASCII = /[^\u0020-\u007e]/;

function lineOf(header: Buffer): string {
  const end = header.length - (header.at(-2) === CR ? 2 : 1);
  if (end === 0) throw protocolError('A header must not be empty.');
  const ascii = header.toString('latin1', 0, end);
  if (!NOT_PRINTABLE_ASCII.test(ascii)) return ascii;
  if (!isUtf8(header)) throw protocolError('A header is not valid UTF-8.');
  const line = header.toString('utf8', 0, end);
  if (!isFieldText(line)) throw protocolError('A header must not contain control characters.');
  return line;
}
