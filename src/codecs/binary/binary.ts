/**
 * Frames as bytes: a fixed header of 18 bytes, the other fields, and the payload. Nothing follows a payload.
 *
 *     0      1     2          4                8       14        18
 *     | 0xFE | type | fields'  | payload's      | id    | CRC-32  | fields ... | payload ...
 *     |      |      | length   | length         |       |         |
 *
 * Numbers are unsigned and big-endian. The CRC is over bytes 0 to 13 and the fields. `id` and `length` are not among the
 * fields; an id of 0 means none.
 */
import { crc32 } from 'node:zlib';
import { protocolError } from '../../errors.js';
import { damagedHeader } from '../../protocol/frame-check.js';
import { frameTable, isFrameType, type Frame, type UnknownFrame } from '../../protocol/frames.js';
import { frameFromRecord } from '../../protocol/records/frame-from-record.js';
import { ByteCursor } from './byte-cursor.js';
import { maxFieldsBytes, readFields, writeFields } from './fields.js';
import { readUsualFrame } from './usual-frame.js';
import type { Codec } from '../codec.js';
import { FrameDecoder, type HeaderFormat } from '../framing/frame-decoder.js';
import { RecordBuilder } from '../framing/record-builder.js';

/** The codec `'binary'`: the smallest frames, with a checksum in every header. */
export const binaryCodec: Codec = {
  name: 'binary',
  hasHeaderChecksum: true,
  payloadTrailer: new Uint8Array(0),
  detect: ([first]) => (first === undefined ? undefined : first === MAGIC),
  encode,
  decoder: (sink, limits) => new FrameDecoder(headers, sink, limits),
};

// Never occurs in UTF-8, so no other notation begins with it.
const MAGIC = 0xfe;
const FIXED_BYTES = 18;
const at = { type: 1, fieldsLength: 2, payloadLength: 4, id: 8, crc: 14 };

const typeNames = new Map(Object.entries(frameTable).map(([name, { number }]) => [number as number, name]));

function encode(frame: Frame): Buffer {
  const end = writeFields(frame, block, blockUsed + FIXED_BYTES);
  if (end === undefined) return encodeElsewhere(frame);
  const header = block.subarray(blockUsed, end);
  blockUsed = end;
  return finish(header, frame);
}

/**
 * Bytes of a block, in which headers are written one after another. Node.js takes buffers of fewer than 4 KiB from a pool of
 * its own, which no receiver of a header can transfer to another thread.
 */
const BLOCK_BYTES = 4_000;

let block = Buffer.alloc(0);
let blockUsed = 0;

/** In the next block; a header that could fill more than a block has a buffer of its own. */
function encodeElsewhere(frame: Frame): Buffer {
  const room = Buffer.allocUnsafe(Math.max(BLOCK_BYTES, FIXED_BYTES + maxFieldsBytes(frame)));
  const end = writeFields(frame, room, FIXED_BYTES) ?? room.length;
  if (room.length === BLOCK_BYTES) [block, blockUsed] = [room, end];
  return finish(room.subarray(0, end), frame);
}

function finish(header: Buffer, frame: Frame): Buffer {
  header[0] = MAGIC;
  header[at.type] = frameTable[frame.type].number;
  header.writeUInt16BE(header.length - FIXED_BYTES, at.fieldsLength);
  header.writeUInt32BE(frame.type === 'data' ? frame.length : 0, at.payloadLength);
  header.writeUIntBE('id' in frame ? (frame.id ?? 0) : 0, at.id, 6);
  header.writeUInt32BE(crcOf(header), at.crc);
  return header;
}

/** The CRC-32 of a header without the checksum itself. */
function crcOf(header: Buffer): number {
  return crc32(header.subarray(FIXED_BYTES), crc32(header.subarray(0, at.crc)));
}

const headers: HeaderFormat = {
  hasChecksum: true,
  endOf(bytes, start) {
    if (bytes[start] !== MAGIC)
      throw protocolError(`A binary frame must begin with 0xfe, not 0x${hex(bytes[start])}.`);
    if (bytes.length < start + at.payloadLength) return undefined;
    return start + FIXED_BYTES + bytes.readUInt16BE(start + at.fieldsLength);
  },
  read(header) {
    if (header.readUInt32BE(at.crc) !== crcOf(header)) throw damagedHeader();
    return readFrame(header);
  },
};

function hex(byte = 0): string {
  return byte.toString(16).padStart(2, '0');
}

function readFrame(header: Buffer): Frame | UnknownFrame {
  const type = typeNames.get(header.readUInt8(at.type)) ?? 'unknown';
  const id = header.readUIntBE(at.id, 6);
  const length = header.readUInt32BE(at.payloadLength);
  const usual =
    length === 0 && isFrameType(type) && readUsualFrame(type, id, new ByteCursor(header, FIXED_BYTES));
  return usual || readByRecord(header, { type, id, length });
}

function readByRecord(
  header: Buffer,
  { type, id, length }: { type: string; id: number; length: number },
): Frame | UnknownFrame {
  const builder = new RecordBuilder('typed');
  builder.addType(type);
  if (id > 0) builder.add('id', id);
  // In all frames but `data`, a length of 0 means none.
  if (length > 0 || type === 'data') builder.add('length', length);
  // The fields of an unknown frame may have another format.
  if (isFrameType(type)) readFields(type, new ByteCursor(header, FIXED_BYTES), builder);
  return frameFromRecord(builder);
}
