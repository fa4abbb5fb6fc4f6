/**
 * Frames of an abusive peer: in the neutral form of the protocol, but with any value in any field, missing,
 * duplicate or unknown fields, and payload that does not match its header.
 */
import type { CodecName } from '../../../../src/index.js';

/** An integer as written, right or wrong: `01`, `-1`, `1e3`. One without a binary form is a text there. */
interface Digits {
  readonly digits: string;
}

/** A text of these bytes, which no notation escapes. */
interface RawText {
  readonly raw: Uint8Array;
}

/** A possible value of a field. A string is escaped as the codec requires, whatever characters it has. */
export type Value = number | boolean | string | Digits | RawText;

/** A frame that may be wrong. `id` and `length` are fields like all others. */
export interface LooseFrame {
  readonly type: string;
  readonly fields: readonly (readonly [name: string, value: Value])[];
  /** The bytes after the header, unchanged; with the trailer of the codec unless `bare`. */
  readonly payload?: Uint8Array;
  readonly bare?: boolean;
}

/** Bytes that are no frame, or that only one notation has: they may differ from codec to codec. */
export type Bytes = (codec: CodecName) => Uint8Array;

/** A frame of the peer. */
export type Word = LooseFrame | Bytes;

/** The four notations. */
export const codecNames = ['text', 'json', 'xml', 'binary'] as const satisfies readonly CodecName[];

/** A frame; fields that are `undefined` are missing. */
export function frame(
  type: string,
  fields: Readonly<Record<string, Value | undefined>> = {},
  payload?: string | Uint8Array,
): LooseFrame {
  const said = Object.entries(fields).filter((field): field is [string, Value] => field[1] !== undefined);
  return { type, fields: said, ...(payload === undefined ? {} : { payload: Buffer.from(payload) }) };
}

/** A data frame as it should be. */
export function data(id: number, payload: string | Uint8Array): LooseFrame {
  return frame('data', { id, length: Buffer.byteLength(payload) }, payload);
}

/** The same frame with one more field, possibly a duplicate. */
export function plus(to: LooseFrame, name: string, value: Value): LooseFrame {
  return { ...to, fields: [...to.fields, [name, value]] };
}

/** The same frame, with one field that holds something else, or (`undefined`) is missing. */
export function changed(from: LooseFrame, name: string, value: Value | undefined): LooseFrame {
  const others = from.fields.filter(([other]) => other !== name);
  return { ...from, fields: value === undefined ? others : [...others, [name, value]] };
}

/** UTF-8 of a text, in which a lone surrogate is three bytes as any other character of its size. */
export function looseUtf8(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  const pieces = Array.from(text, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0xd800 || code > 0xdfff) return Buffer.from(character);
    return Buffer.from([0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)]);
  });
  return Buffer.concat(pieces);
}
