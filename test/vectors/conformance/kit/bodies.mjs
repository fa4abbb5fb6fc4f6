/** Bodies of frames: how they are sent, summed and compared. */
import { crc32 } from 'node:zlib';
import { bytesOf, mismatch, resolve, show } from './patterns.mjs';
import { encode } from './wire.mjs';

/**
 * @typedef {import('./connection.mjs').Connection} Connection
 * @typedef {import('./wire.mjs').Frame} Frame
 * @typedef {import('./wire.mjs').CodecName} CodecName
 */

/** Sends a body in frames of 64 KiB at most; an empty one in one frame. @param {Connection} connection @param {Frame} frame */
export function sendData(connection, { payload = Buffer.alloc(0), ...frame }) {
  for (let at = 0; at === 0 || at < payload.length; at += 65_536) {
    const piece = payload.subarray(at, at + 65_536);
    connection.send({ ...frame, length: piece.length, payload: piece });
  }
}

/** The size and the checksum of a body. @param {Buffer} payload */
export function sumsOf(payload) {
  return { size: payload.length, checksum: `crc32:${crc32(payload).toString(16).padStart(8, '0')}` };
}

/** A frame in the body of another one. @param {CodecName} codec @param {any} record @param {Map<string, any>} variables */
export function encoded(codec, { payload, ...record }, variables) {
  const fields = Object.entries(record).map(([name, value]) => [name, resolve(value, variables)]);
  const bytes = payload === undefined ? undefined : bytesOf(payload, variables);
  const body = bytes && { length: bytes.length, payload: bytes };
  return encode(codec, /** @type {any} */ ({ ...Object.fromEntries(fields), ...body }));
}

/** Throws unless the frames match the patterns in their order. @param {Frame[]} frames @param {any[]} patterns @param {Map<string, any>} variables */
export function compareFrames(frames, patterns, variables) {
  for (const [index, pattern] of patterns.entries()) {
    const frame = frames[index];
    const reason = frame ? mismatch(frame, pattern, variables) : 'is missing';
    if (reason !== undefined)
      throw new Error(`frame ${index + 1}, ${frame ? show(frame) : 'none'}: ${reason}`);
  }
  if (frames.length > patterns.length) throw new Error(`${frames.length - patterns.length} frames more`);
}

/** Throws unless the entries match the patterns in any order. @param {Frame[]} found @param {any[]} entries @param {Map<string, any>} variables */
export function compareEntries(found, entries, variables) {
  const left = [...entries];
  for (const entry of found) {
    const index = left.findIndex(
      (pattern) => mismatch(entry, { type: 'entry', ...pattern }, variables) === undefined,
    );
    if (index < 0) throw new Error(`The entry ${show(entry)} is not expected.`);
    left.splice(index, 1);
  }
  if (left.length > 0) throw new Error(`These entries are missing: ${JSON.stringify(left)}`);
}
