/**
 * Frames as bytes: a fixed header of 18 bytes, the other fields, and the payload. Nothing follows a payload.
 *
 *     0      1     2          4                8       14        18
 *     | 0xFE | type | fields'  | payload's      | id    | CRC-32  | fields ... | payload ...
 *     |      |      | length   | length         |       |         |
 *
 * Numbers are unsigned and big-endian. The CRC is that of bytes 0 to 13 and then of the fields, so that a header is
 * known to be whole before anything in it is believed. `id` and `length` stand nowhere else; 0 is no id.
 */
import { crc32 } from 'node:zlib';
import { protocolError, TransferError } from '../../errors.js';
import {
  frameFromRecord,
  frameTable,
  isFrameType,
  type Frame,
  type UnknownFrame,
} from '../../protocol/frames.js';
import { maxFieldsBytes, readFields, writeFields } from './fields.js';
import type { Codec } from '../codec.js';
import { FrameDecoder, type HeaderFormat } from '../framing/frame-decoder.js';
import { RecordBuilder } from '../framing/record-builder.js';

/** The codec `'binary'`: the smallest frames, and the only ones whose headers carry a checksum. */
export const binaryCodec: Codec = {
  name: 'binary',
  hasHeaderChecksum: true,
  payloadTrailer: new Uint8Array(0),
  detect: ([first]) => (first === undefined ? undefined : first === MAGIC),
  encode,
  decoder: (sink, limits) => new FrameDecoder(headers, sink, limits),
};

// A byte that never occurs in UTF-8, so that no other notation begins with it.
const MAGIC = 0xfe;
const FIXED_BYTES = 18;
const at = { type: 1, fieldsLength: 2, payloadLength: 4, id: 8, crc: 14 };

const typeNames = new Map(Object.entries(frameTable).map(([name, { number }]) => [number as number, name]));
const DATA = frameTable.data.number;

function encode(frame: Frame): Buffer {
  // Bulk transfer is made of these: no list of fields, one allocation.
  if (frame.type === 'data') return finish(Buffer.allocUnsafe(FIXED_BYTES), frame);
  const room = Buffer.allocUnsafe(FIXED_BYTES + maxFieldsBytes(frame));
  const end = writeFields(frame, room, FIXED_BYTES);
  return finish(room.subarray(0, end), frame);
}

function finish(header: Buffer, frame: Frame): Buffer {
  header[0] = MAGIC;
  header[at.type] = frameTable[frame.type].number;
  header.writeUInt16BE(header.length - FIXED_BYTES, at.fieldsLength);
  header.writeUInt32BE(frame.type === 'data' ? frame.length : 0, at.payloadLength);
  header.writeUIntBE('id' in frame ? (frame.id ?? 0) : 0, at.id, 6);
  header.writeUInt32BE(headerCrc(header), at.crc);
  return header;
}

/** The CRC-32 of a whole header without its four bytes of checksum. */
function headerCrc(header: Buffer): number {
  const fixed = crc32(header.subarray(0, at.crc));
  return header.length === FIXED_BYTES ? fixed : crc32(header.subarray(FIXED_BYTES), fixed);
}

const headers: HeaderFormat = {
  endOf(bytes, start) {
    if (bytes[start] !== MAGIC) throw protocolError('A binary frame does not begin with 0xFE.');
    if (bytes.length < start + at.payloadLength) return undefined;
    return start + FIXED_BYTES + bytes.readUInt16BE(start + at.fieldsLength);
  },
  read(header) {
    if (header.readUInt32BE(at.crc) !== headerCrc(header)) {
      // Nobody has said so: another connection may carry what was meant.
      throw new TransferError('EPROTO', 'The header of a binary frame is damaged: its CRC-32 differs.', {
        retryable: true,
      });
    }
    return header[at.type] === DATA && header.length === FIXED_BYTES ? readData(header) : readFrame(header);
  },
};

function readData(header: Buffer): Frame {
  const id = header.readUIntBE(at.id, 6);
  if (id === 0) throw protocolError('A frame of type data has no field id.');
  return { type: 'data', id, length: header.readUInt32BE(at.payloadLength) };
}

function readFrame(header: Buffer): Frame | UnknownFrame {
  const type = typeNames.get(header.readUInt8(at.type)) ?? 'unknown';
  const id = header.readUIntBE(at.id, 6);
  const length = header.readUInt32BE(at.payloadLength);
  const builder = new RecordBuilder();
  builder.addType(type);
  if (id > 0) builder.add('id', id);
  // Only data has a payload, and data always has a length: for any other frame 0 is none.
  if (length > 0 || type === 'data') builder.add('length', length);
  // What the fields of an unknown frame look like is the newer peer's business.
  if (isFrameType(type)) readFields(header, FIXED_BYTES, builder);
  return frameFromRecord(builder);
}
