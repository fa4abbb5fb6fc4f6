/** Writes possibly wrong frames in binary: the header is as given, with a correct CRC. */
import { crc32 } from 'node:zlib';
import { looseUtf8, type LooseFrame, type Value } from './loose-frame.js';
import { fieldTable } from '../../../../src/protocol/fields.js';
import { frameTable } from '../../../../src/protocol/frames.js';

const FIXED_BYTES = 18;

/** The number of an unknown type. */
const UNKNOWN_TYPE = 200;

/** Numbers of unknown fields: a name has the same number each time. */
const UNKNOWN_FIELDS = { from: 1_000, count: 3_000 };

const MAX = { id: 2n ** 48n, length: 2n ** 32n };

/** The header of a frame. An `id` or `length` that does not fit its fixed position is written as a field. */
export function looseHeader({ type, fields }: LooseFrame): Buffer {
  const fixed = { id: 0n, length: 0n };
  const others: Buffer[] = [];
  const placed = new Set<string>();
  for (const [name, value] of fields) {
    const integer = integerOf(value);
    const isPlain = integer !== undefined && !hasZeros(value);
    const fits = (name === 'id' || name === 'length') && isPlain && integer < MAX[name];
    if (!fits || placed.has(name)) others.push(looseField(numberOf(name), value));
    else fixed[name] = integer;
    if (fits) placed.add(name);
  }
  return headerOf(isKnown(type) ? frameTable[type].number : UNKNOWN_TYPE, fixed, Buffer.concat(others));
}

/** A header of any type and fields. */
function headerOf(type: number, fixed: { id: bigint; length: bigint }, fields: Buffer): Buffer {
  const header = Buffer.alloc(FIXED_BYTES + fields.length);
  header[0] = 0xfe;
  header[1] = type;
  header.writeUInt16BE(fields.length & 0xffff, 2);
  header.writeUInt32BE(Number(fixed.length), 4);
  header.writeUIntBE(Number(fixed.id), 8, 6);
  fields.copy(header, FIXED_BYTES);
  return sealed(header);
}

/** The same header, with the CRC that is right for it. */
export function sealed(header: Buffer): Buffer {
  const copy = Buffer.from(header);
  copy.writeUInt32BE(crc32(copy.subarray(FIXED_BYTES), crc32(copy.subarray(0, 14))), 14);
  return copy;
}

/** One field: its tag and its value. */
export function looseField(number: number, value: Value): Buffer {
  if (typeof value === 'boolean') return tag(number, value ? 2 : 3);
  if (typeof value === 'object' && 'raw' in value) return textField(number, value.raw);
  const integer = integerOf(value);
  if (integer === undefined) return textField(number, looseUtf8(wordsOf(value)));
  return Buffer.concat([tag(number, 0), varint(integer, hasZeros(value))]);
}

function hasZeros(value: Value): boolean {
  return typeof value === 'object' && 'digits' in value && /^0[0-9]/.test(value.digits);
}

/** An integer of any size; `overlong` adds a redundant last byte. */
export function varint(value: bigint, overlong = false): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  if (!overlong) return Buffer.from(bytes);
  const last = bytes.pop() ?? 0;
  return Buffer.from([...bytes, last | 0x80, 0]);
}

/** The tag of a field. */
export function tag(number: number, wireType: number): Buffer {
  return varint(BigInt(number * 4 + wireType));
}

function textField(number: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([tag(number, 1), varint(BigInt(bytes.length)), bytes]);
}

function integerOf(value: Value): bigint | undefined {
  if (typeof value === 'number') return BigInt(value);
  if (typeof value !== 'object' || !('digits' in value)) return undefined;
  return /^[0-9]+$/.test(value.digits) ? BigInt(value.digits) : undefined;
}

function wordsOf(value: Value): string {
  if (typeof value !== 'object') return String(value);
  return 'digits' in value ? value.digits : '';
}

function numberOf(name: string): number {
  if (Object.hasOwn(fieldTable, name)) return fieldTable[name as keyof typeof fieldTable].number;
  return UNKNOWN_FIELDS.from + (crc32(name) % UNKNOWN_FIELDS.count);
}

function isKnown(type: string): type is keyof typeof frameTable {
  return Object.hasOwn(frameTable, type);
}
