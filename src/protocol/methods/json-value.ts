/**
 * The values of shared methods as JSON. A value that JSON would lose or change is refused, so that the other end gets an
 * equal one.
 *
 *     value -> Walk: is every part of it JSON? -> JSON.stringify -> text of a field, or body
 *     text -> JSON.parse -> no `__proto__`, not too deep -> value
 */
import { TransferError } from '../../errors.js';
import { isFieldText } from '../fields.js';
import { MAX_VALUE_DEPTH } from '../limits.js';

export interface JsonValueRule {
  /** The name of the value in messages, such as `input`. */
  readonly name: string;
  /** Bytes of the JSON text, at most. */
  readonly maxBytes: number;
}

/**
 * The JSON text of a value, which is also valid in a field; undefined for undefined. A property whose value is undefined is
 * left out. Throws a TypeError with the path of a part that is not JSON; TransferError EMSGSIZE if the text is too long.
 */
export function encodeValue(value: unknown, { name, maxBytes }: JsonValueRule): string | undefined {
  if (value === undefined) return undefined;
  // Each part takes at least a byte.
  const problem = new Walk(maxBytes).problemOf(value);
  if (problem) throw new TypeError(`${name}${problem.path} ${problem.what}.`);
  const text = toFieldJson(JSON.stringify(value));
  // A UTF-16 unit takes at most three bytes.
  if (text.length * 3 <= maxBytes) return text;
  const bytes = Buffer.byteLength(text);
  if (bytes > maxBytes) throw tooLarge(name, bytes, maxBytes);
  return text;
}

/** The value of a JSON text of the other end. Throws a TypeError if it is not JSON, is too deep, or has a `__proto__`. */
export function decodeValue(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new TypeError('is not JSON');
  }
  checkReceived(value, MAX_VALUE_DEPTH);
  return value;
}

/** EMSGSIZE for a value that exceeds the limit of an end. */
export function tooLarge(name: string, bytes: number, maxBytes: number): TransferError {
  return new TransferError('EMSGSIZE', `The ${name} has ${bytes} bytes as JSON, more than ${maxBytes}.`);
}

interface Problem {
  /** Where it is, from the value on: `.items[3]`. */
  path: string;
  /** What is wrong, as the rest of a sentence. */
  readonly what: string;
}

/** Looks for a part of a value that JSON would lose or change. */
class Walk {
  readonly #maxParts: number;
  #parts = 0;
  /** The objects around the current part. */
  readonly #around: object[] = [];

  constructor(maxParts: number) {
    this.#maxParts = maxParts;
  }

  problemOf(value: unknown): Problem | undefined {
    this.#parts += 1;
    if (this.#parts > this.#maxParts)
      throw new TransferError('EMSGSIZE', `A value has more than ${this.#maxParts} parts.`);
    if (value === null || typeof value === 'boolean') return undefined;
    if (typeof value === 'string') return value.isWellFormed() ? undefined : problem('has a lone surrogate');
    if (typeof value === 'number') return problemOfNumber(value);
    if (typeof value !== 'object') return problem(`is ${value === undefined ? '' : 'a '}${typeof value}`);
    if (this.#around.includes(value)) return problem('contains itself');
    if (this.#around.length >= MAX_VALUE_DEPTH) return problem(`is more than ${MAX_VALUE_DEPTH} levels deep`);
    this.#around.push(value);
    const found = Array.isArray(value) ? this.#ofArray(value) : this.#ofObject(value);
    this.#around.pop();
    return found;
  }

  #ofArray(array: readonly unknown[]): Problem | undefined {
    for (let index = 0; index < array.length; index++) {
      const found = this.problemOf(array[index]);
      if (found) return within(`[${index}]`, found);
    }
    // Holes have failed above.
    const hasMore = Object.keys(array).length !== array.length || 'toJSON' in array;
    return hasMore ? problem('is an array with other properties') : undefined;
  }

  #ofObject(object: object): Problem | undefined {
    if (!isPlain(object)) return problem(`is a ${classOf(object)}`);
    if (Object.getOwnPropertySymbols(object).length > 0) return problem('has a symbol as a key');
    for (const [key, part] of Object.entries(object)) {
      if (key === '__proto__') return problem('has a property __proto__');
      if (!key.isWellFormed()) return problem('has a key with a lone surrogate');
      const found = part === undefined ? undefined : this.problemOf(part);
      if (found)
        return within(/^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`, found);
    }
    return undefined;
  }
}

function problem(what: string): Problem {
  return { path: '', what };
}

function within(step: string, found: Problem): Problem {
  found.path = step + found.path;
  return found;
}

function problemOfNumber(value: number): Problem | undefined {
  if (!Number.isFinite(value)) return problem(`is ${value}`);
  return Object.is(value, -0) ? problem('is -0') : undefined;
}

/** Whether an object was written as `{}`, also in another realm. */
function isPlain(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  return prototype === null || prototype === Object.prototype || isRoot(prototype);
}

function isRoot(prototype: unknown): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'isPrototypeOf');
}

function classOf(object: object): string {
  const { constructor: type } = object as { constructor?: { name?: unknown } };
  const name = typeof type?.name === 'string' && type.name !== '' ? type.name : 'class instance';
  return name === 'Date' ? 'Date; send its toISOString()' : name;
}

/** JSON escapes C0 and lone surrogates only; a field must have no other control character, nor U+FFFE and U+FFFF. */
function toFieldJson(text: string): string {
  if (isFieldText(text)) return text;
  return text.replace(
    /[\u007f-\u009f\ufffe\uffff]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function checkReceived(value: unknown, levels: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (levels === 0) throw new TypeError(`is more than ${MAX_VALUE_DEPTH} levels deep`);
  if (Array.isArray(value)) {
    for (const part of value) checkReceived(part, levels - 1);
    return;
  }
  for (const key of Object.keys(value)) {
    // Copying it by assignment would change the prototype of the copy.
    if (key === '__proto__') throw new TypeError('has a property __proto__');
    checkReceived((value as Record<string, unknown>)[key], levels - 1);
  }
}
