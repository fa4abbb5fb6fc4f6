/**
 * Frames as bytes in the four codecs, for the conformance kit: independent of the library, so that it can be compared with
 * it. Frames are records `{ type, ...fields }`, with `payload` if they have a `length`. Also writes what the protocol
 * forbids: unknown types and fields, values of a wrong type, wrong checks.
 */
import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';

/**
 * @typedef {string | number | boolean} Value
 * @typedef {{ type: string, payload?: Buffer, [field: string]: any }} Frame
 * @typedef {'text' | 'json' | 'xml' | 'binary'} CodecName
 */

/** @type {{ frames: Record<string, { number: number, fields: string[] }>, fields: Record<string, { number: number, type: string }>, errors: Record<string, number> }} */
const tables = JSON.parse(readFileSync(new URL('../tables.json', import.meta.url), 'utf8'));
const { frames, fields, errors } = tables;

const frameOf = new Map(Object.entries(frames).map(([name, { number }]) => [number, name]));
const fieldOf = new Map(Object.entries(fields).map(([name, { number }]) => [number, name]));
const errorOf = new Map(Object.entries(errors).map(([name, number]) => [number, name]));

export const codecNames = /** @type {const} */ (['text', 'json', 'xml', 'binary']);

/** The fields of a frame without its payload, in the order of the table; unknown ones last. @param {Frame} frame */
function fieldsOf({ type, payload: _, ...rest }) {
  const order = [...(frames[type]?.fields ?? []), ...Object.keys(rest)];
  const names = [...new Set(order)].filter((name) => rest[name] !== undefined);
  return names.map((name) => /** @type {[string, Value]} */ ([name, rest[name]]));
}

/** The right `check` of a frame. @param {Frame} frame */
export function checkOf(frame) {
  const known = frames[frame.type]?.fields ?? [];
  const covered = known.slice(0, known.indexOf('check'));
  const lines = fieldsOf(frame).filter(([name]) => covered.includes(name));
  return crc32(`${frame.type}\n${lines.map(([name, value]) => `${name}=${value}\n`).join('')}`);
}

/** Whether a frame can have a `check`. @param {string} type */
export function canHaveCheck(type) {
  return frames[type]?.fields.includes('check') ?? false;
}

/** The bytes of a frame with its payload. @param {CodecName} codec @param {Frame} frame */
export function encode(codec, frame) {
  const payload = frame.payload ?? Buffer.alloc(0);
  if (codec === 'binary') return Buffer.concat([binaryHeader(frame), payload]);
  const isWrong = frame.check === 'wrong';
  const header = isWrong ? { ...frame, check: (checkOf(frame) ^ 1) >>> 0 } : frame;
  const line = Buffer.from(`${writers[codec](header.type, fieldsOf(header))}\n`);
  return frame.length === undefined ? line : Buffer.concat([line, payload, Buffer.from('\n')]);
}

const percent = /[\s%\u0000-\u001f\u007f-\u009f]/g;
const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

/** @type {Record<'text' | 'json' | 'xml', (type: string, fields: [string, Value][]) => string>} */
const writers = {
  text: (type, list) =>
    [
      type,
      ...list.map(([name, value]) => `${name}=${String(value).replace(percent, encodeURIComponent)}`),
    ].join(' '),
  json: (type, list) => JSON.stringify({ type, ...Object.fromEntries(list) }),
  xml: (type, list) =>
    `<${type}${list.map(([name, value]) => ` ${name}="${String(value).replace(/[&<>"']/g, (sign) => entities[/** @type {'&'} */ (sign)])}"`).join('')}/>`,
};

/** Unknown names have numbers for private use. @param {string} name */
const fieldNumber = (name) => fields[name]?.number ?? 4_100 + name.length;

/** @param {Frame} frame */
function binaryHeader({ id = 0, length = 0, check, ...frame }) {
  const parts = fieldsOf(frame).map(([name, value]) => binaryField(name, value));
  if (typeof check === 'number') parts.push(binaryField('check', check));
  const body = Buffer.concat(parts);
  const header = Buffer.alloc(18);
  header.writeUInt8(0xfe, 0);
  header.writeUInt8(frames[frame.type]?.number ?? 250, 1);
  header.writeUInt16BE(body.length, 2);
  header.writeUInt32BE(length, 4);
  header.writeUIntBE(id, 8, 6);
  const sum = crc32(body, crc32(header.subarray(0, 14)));
  header.writeUInt32BE((check === 'wrong' ? sum ^ 1 : sum) >>> 0, 14);
  return Buffer.concat([header, body]);
}

/** @param {string} name @param {Value} value */
function binaryField(name, value) {
  const tag = fieldNumber(name) * 4;
  if (value === true) return varint(tag + 2);
  if (value === false) return varint(tag + 3);
  const number = name === 'code' && typeof value === 'string' ? errors[value] : value;
  if (typeof number === 'number' && number >= 0) return Buffer.concat([varint(tag), varint(number)]);
  const text = Buffer.from(String(value));
  return Buffer.concat([varint(tag + 1), varint(text.length), text]);
}

/** @param {number} value */
function varint(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return Buffer.from([...bytes, value]);
}

/** Makes frames of bytes. Throws an Error for bytes that are none. */
export class Decoder {
  #codec;
  #bytes = Buffer.alloc(0);

  /** @param {CodecName} codec */
  constructor(codec) {
    this.#codec = codec;
  }

  /** The frames that these bytes complete. @param {Uint8Array} chunk */
  write(chunk) {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    /** @type {Frame[]} */
    const found = [];
    for (let frame = this.#next(); frame; frame = this.#next()) found.push(frame);
    return found;
  }

  /** @returns {Frame | undefined} */
  #next() {
    const isBinary = this.#codec === 'binary';
    const header = isBinary ? binaryEnd(this.#bytes) : this.#bytes.indexOf(10) + 1;
    if (header === 0) return undefined;
    const frame = isBinary
      ? readBinary(this.#bytes.subarray(0, header))
      : readLine(this.#codec, this.#bytes.toString('utf8', 0, header).replace(/\r?\n$/, ''));
    const hasPayload = frame.length !== undefined;
    const end = header + (hasPayload ? Number(frame.length) + (isBinary ? 0 : 1) : 0);
    if (this.#bytes.length < end) return undefined;
    if (hasPayload) frame.payload = Buffer.from(this.#bytes.subarray(header, header + Number(frame.length)));
    if (hasPayload && !isBinary && this.#bytes[end - 1] !== 10) throw new Error('No LF follows a payload.');
    this.#bytes = this.#bytes.subarray(end);
    return frame;
  }
}

/** Reads one line. @param {CodecName} codec @param {string} line @returns {Frame} */
function readLine(codec, line) {
  if (codec === 'json') return JSON.parse(line);
  const isXml = codec === 'xml';
  const [, type, rest] =
    (isXml ? /^<([\w.-]+)((?: +[\w.-]+="[^"<]*")*) *\/>$/ : /^([\w-]+)((?: [\w-]+=[^ ]*)*)$/).exec(line) ??
    [];
  if (type === undefined || rest === undefined) throw new Error(`This is no frame: ${line}`);
  /** @type {Frame} */
  const frame = { type };
  for (const [, name = '', raw = ''] of rest.matchAll(
    isXml ? / +([\w.-]+)="([^"]*)"/g : / ([\w-]+)=([^ ]*)/g,
  )) {
    if (Object.hasOwn(frame, name)) throw new Error(`The field ${name} is repeated: ${line}`);
    frame[name] = typed(name, isXml ? unescapeXml(raw) : decodeURIComponent(raw));
  }
  return frame;
}

/** @param {string} text */
function unescapeXml(text) {
  const byName = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (...found) => {
    const [all, hex, decimal, name] = found;
    if (name !== undefined) return byName[/** @type {'amp'} */ (name)] ?? all;
    return String.fromCodePoint(hex === undefined ? Number(decimal) : parseInt(hex, 16));
  });
}

/** A text as a value of its field. @param {string} name @param {string} text @returns {Value} */
function typed(name, text) {
  const type = fields[name]?.type;
  if (type === 'flag') {
    if (text !== 'true' && text !== 'false') throw new Error(`${name}=${text} is no flag.`);
    return text === 'true';
  }
  if (type !== 'integer' && type !== 'signed') return text;
  if (!/^(?:0|-?[1-9]\d*)$/.test(text) || (type === 'integer' && text.startsWith('-')))
    throw new Error(`${name}=${text} is no integer.`);
  return Number(text);
}

/** The end of a binary header; 0 if it is not complete. @param {Buffer} bytes */
function binaryEnd(bytes) {
  if (bytes.length > 0 && bytes[0] !== 0xfe) throw new Error('A binary header begins with fe.');
  const end = bytes.length < 18 ? Infinity : 18 + bytes.readUInt16BE(2);
  return bytes.length < end ? 0 : end;
}

/** @param {Buffer} header @returns {Frame} */
function readBinary(header) {
  const sum = crc32(header.subarray(18), crc32(header.subarray(0, 14)));
  if (sum !== header.readUInt32BE(14)) throw new Error('The CRC of a header is wrong.');
  /** @type {Frame} */
  const frame = { type: frameOf.get(header[1] ?? 0) ?? `unknown-${header[1]}` };
  const [length, id] = [header.readUInt32BE(4), header.readUIntBE(8, 6)];
  if (id > 0) frame['id'] = id;
  if (frame.type === 'data' || length > 0) frame['length'] = length;
  let at = 18;
  const integer = () => {
    let value = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = header[at++];
      if (byte === undefined) throw new Error('A binary header ends in a field.');
      value += (byte & 127) * unit;
      if (byte < 128) return value;
    }
  };
  const text = () => {
    const bytes = integer();
    at += bytes;
    return header.toString('utf8', at - bytes, at);
  };
  while (at < header.length) {
    const tag = integer();
    const name = fieldOf.get(Math.floor(tag / 4)) ?? `unknown-${Math.floor(tag / 4)}`;
    const value = [integer, text, () => true, () => false][tag % 4]?.();
    frame[name] =
      name === 'code' && typeof value === 'number' ? (errorOf.get(value) ?? 'EIO') : negative(name, value);
  }
  return frame;
}

/** A negative number is a text. @param {string} name @param {unknown} value */
function negative(name, value) {
  return fields[name]?.type === 'signed' && typeof value === 'string' ? typed(name, value) : value;
}
