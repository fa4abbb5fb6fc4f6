/** Changes to bytes, of chance and of a notation's own words. */
import type { Random } from '../../faults/fixtures/random.js';

/** The words from which a notation is made, as bytes. */
export type Dictionary = readonly Buffer[];

/** The bytes after some changes, none at the least. */
export function mutated(bytes: Buffer, random: Random, dictionary: Dictionary): Buffer {
  let result = bytes;
  const changes = random.integer(0, 3);
  for (let change = 0; change < changes; change += 1) {
    result = random.pick(mutations)(result, random, dictionary);
  }
  return result;
}

type Mutation = (bytes: Buffer, random: Random, dictionary: Dictionary) => Buffer;

const mutations: readonly Mutation[] = [
  flipBit,
  setByte,
  remove,
  repeat,
  move,
  putWord,
  putWord,
  replaceWord,
  replaceNumber,
  replaceNumber,
  truncate,
];

const BYTES = [0, 1, 9, 10, 13, 0x1f, 0x20, 0x22, 0x25, 0x26, 0x3c, 0x5c, 0x7f, 0x80, 0xc2, 0xed, 0xfe, 0xff];

const NUMBERS = [
  ...['0', '1', '-1', '00', '01', '+1', '1.0', '1e3', '0x1', ' 1', '', '281474976710655', '281474976710656'],
  ...['9007199254740991', '9007199254740992', '99999999999999999999', '4294967295', '65535', '65536'],
].map((digits) => Buffer.from(digits));

function flipBit(bytes: Buffer, random: Random): Buffer {
  const result = Buffer.from(bytes);
  const at = random.integer(0, bytes.length - 1);
  result[at] = (result[at] ?? 0) ^ (1 << random.integer(0, 7));
  return result;
}

function setByte(bytes: Buffer, random: Random): Buffer {
  const result = Buffer.from(bytes);
  result[random.integer(0, bytes.length - 1)] = random.pick(BYTES);
  return result;
}

function remove(bytes: Buffer, random: Random): Buffer {
  const at = random.integer(0, bytes.length);
  return spliced(bytes, { at, removed: random.integer(1, 8) });
}

function repeat(bytes: Buffer, random: Random): Buffer {
  const at = random.integer(0, bytes.length);
  return spliced(bytes, { at, put: bytes.subarray(at, at + random.integer(1, 40)) });
}

function move(bytes: Buffer, random: Random): Buffer {
  const at = random.integer(0, bytes.length);
  const taken = bytes.subarray(at, at + random.integer(1, 20));
  const rest = spliced(bytes, { at, removed: taken.length });
  return spliced(rest, { at: random.integer(0, rest.length), put: taken });
}

function putWord(bytes: Buffer, random: Random, dictionary: Dictionary): Buffer {
  return spliced(bytes, { at: random.integer(0, bytes.length), put: random.pick(dictionary) });
}

function replaceWord(bytes: Buffer, random: Random, dictionary: Dictionary): Buffer {
  const at = random.integer(0, bytes.length);
  const put = random.pick(dictionary);
  return spliced(bytes, { at, removed: put.length, put });
}

function replaceNumber(bytes: Buffer, random: Random): Buffer {
  let at = random.integer(0, bytes.length);
  while (at < bytes.length && !isDigit(bytes[at])) at += 1;
  let end = at;
  while (end < bytes.length && isDigit(bytes[end])) end += 1;
  return spliced(bytes, { at, removed: end - at, put: random.pick(NUMBERS) });
}

function truncate(bytes: Buffer, random: Random): Buffer {
  return random.next() < 0.5 ? bytes : bytes.subarray(0, random.integer(0, bytes.length));
}

function isDigit(byte = 0): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function spliced(
  bytes: Buffer,
  { at, removed = 0, put }: { at: number; removed?: number; put?: Buffer },
): Buffer {
  const parts = [bytes.subarray(0, at), bytes.subarray(at + removed)];
  if (put) parts.splice(1, 0, put);
  return Buffer.concat(parts);
}
