/** The values, bodies and patterns of transcripts. README.md describes them. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/**
 * @typedef {import('./wire.mjs').Frame} Frame
 * @typedef {Map<string, any>} Variables
 */

/** The bytes of a body: a text, `{ hex }`, or `{ bytes, from }`: bytes `from` (default 0) to `bytes`; the byte at n is n * 7 % 251. @param {any} spec @param {Variables} [variables] */
export function bytesOf(spec, variables = new Map()) {
  if (typeof spec === 'string') return Buffer.from(spec);
  if (spec.hex !== undefined) return Buffer.from(spec.hex, 'hex');
  const [from, to] = [resolve(spec.from ?? 0, variables), resolve(spec.bytes, variables)];
  return Buffer.from(Uint8Array.from({ length: to - from }, (_, index) => ((from + index) * 7) % 251));
}

/** A value with its variables: `${name}` stands for a variable, `{ crc32 }` and `{ sha256 }` for the checksum of a body. @param {any} value @param {Variables} variables @returns {any} */
export function resolve(value, variables) {
  if (typeof value === 'string') {
    const [, whole] = /^\$\{([\w.-]+)\}$/.exec(value) ?? [];
    if (whole !== undefined) return variableOf(whole, variables);
    return value.replace(/\$\{([\w.-]+)\}/g, (_, name) => String(variableOf(name, variables)));
  }
  if (value?.crc32 !== undefined)
    return `crc32:${crc32(bytesOf(value.crc32, variables)).toString(16).padStart(8, '0')}`;
  if (value?.sha256 !== undefined)
    return `sha256:${createHash('sha256').update(bytesOf(value.sha256, variables)).digest('hex')}`;
  if (value?.repeat !== undefined) return value.repeat.repeat(value.times);
  return value;
}

/** @param {string} name @param {Variables} variables */
function variableOf(name, variables) {
  if (!variables.has(name)) throw new Error(`The variable ${name} has no value.`);
  return variables.get(name);
}

/** Why a frame does not match a pattern; undefined if it does. Keeps values under their names (`as`). @param {Frame} frame @param {any} pattern @param {Variables} variables @returns {string | undefined} */
export function mismatch(frame, pattern, variables) {
  for (const [name, expected] of Object.entries(pattern)) {
    if (name === 'payload') continue;
    const reason = valueMismatch(frame[name], expected, variables);
    if (reason !== undefined) return `${name} ${reason}`;
  }
  if (pattern.payload !== undefined && !frame.payload?.equals(bytesOf(pattern.payload, variables)))
    return 'the payload differs';
  for (const [name, { as }] of Object.entries(pattern).filter(([, expected]) => expected?.as))
    variables.set(as, frame[name]);
  return undefined;
}

/** @param {unknown} value @param {any} expected @param {Variables} variables @returns {string | undefined} */
function valueMismatch(value, expected, variables) {
  if (Array.isArray(expected)) {
    return expected.some((each) => valueMismatch(value, each, variables) === undefined)
      ? undefined
      : isNot(value, expected);
  }
  if (typeof expected !== 'object' || 'crc32' in expected || 'sha256' in expected || 'repeat' in expected) {
    return value === resolve(expected, variables) ? undefined : isNot(value, resolve(expected, variables));
  }
  if (expected.absent) return value === undefined ? undefined : isNot(value, 'absent');
  if ('optional' in expected)
    return value === undefined ? undefined : valueMismatch(value, expected.optional, variables);
  if (value === undefined) return 'is missing';
  const types = { integer: 'number', text: 'string', flag: 'boolean' };
  const type = types[/** @type {'text'} */ (expected.any)];
  if (type !== undefined && typeof value !== type) return isNot(value, expected.any);
  if (expected.min !== undefined && Number(value) < resolve(expected.min, variables))
    return `${value} is less than ${expected.min}`;
  if (expected.max !== undefined && Number(value) > resolve(expected.max, variables))
    return `${value} is more than ${expected.max}`;
  if (expected.pattern !== undefined && !new RegExp(expected.pattern, 'u').test(String(value)))
    return isNot(value, expected.pattern);
  if (expected.not !== undefined && value === resolve(expected.not, variables)) return `is ${value}`;
  return undefined;
}

/** @param {unknown} value @param {unknown} expected */
function isNot(value, expected) {
  return `is ${JSON.stringify(value)}, not ${JSON.stringify(expected)}`;
}

/** A frame in a message. @param {Frame} frame */
export function show({ payload, ...frame }) {
  return JSON.stringify(frame) + (payload ? ` and ${payload.length} bytes` : '');
}

/** The end of what went over a connection. @param {string} name @param {readonly string[]} log */
export function tailOf(name, log) {
  const lines = log.slice(-12).map((line) => `    ${line.slice(0, 300)}`);
  return `  ${name}\n${lines.join('\n')}`;
}
