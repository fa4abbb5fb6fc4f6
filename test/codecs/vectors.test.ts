import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { builtinCodecs, type CodecName } from '../../src/codecs/builtin.js';
import type { DecoderLimits } from '../../src/codecs/codec.js';
import { bytesOf, Recording } from '../../src/contracts/codec/recording.js';
import { fieldTable } from '../../src/protocol/fields.js';
import { frameCheck, isChecked } from '../../src/protocol/frame-check.js';
import { frameTable, type Frame } from '../../src/protocol/frames.js';

interface Vector {
  name: string;
  frame: Frame;
  payload?: string;
  bytes: string;
  text?: string;
  fields?: [hex: string, what: string][];
}

interface RefusedVector {
  name: string;
  reason: string;
  bytes: string;
  code: string;
  text?: string;
}

interface VectorFile<V> {
  codec: CodecName;
  version: number;
  limits: DecoderLimits;
  vectors: V[];
}

const folder = new URL('../vectors/', import.meta.url);
const names = Object.keys(builtinCodecs) as CodecName[];

function read<V>(file: string): VectorFile<V> {
  return JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as VectorFile<V>;
}

function fromHex(hex: string): Buffer {
  return Buffer.from(hex, 'hex');
}

test('every codec has two files of vectors, and there are no others', () => {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  expect(files.sort()).toEqual(names.flatMap((name) => [`${name}.json`, `refused-${name}.json`]).sort());
});

describe.each(names)('the vectors of %s', (name) => {
  const codec = builtinCodecs[name];
  const { vectors, ...file } = read<Vector>(`${name}.json`);

  test('name their codec and version, and have unique names', () => {
    expect(file).toEqual({ codec: name, version: 1 });
    expect(new Set(vectors.map((vector) => vector.name)).size).toBe(vectors.length);
  });

  test('cover every frame type and every field', () => {
    expect(new Set(vectors.map(({ frame }) => frame.type))).toEqual(new Set(Object.keys(frameTable)));
    const fields = new Set(vectors.flatMap(({ frame }) => Object.keys(frame)));
    expect(fields).toEqual(new Set(['type', ...Object.keys(fieldTable)]));
  });

  test('contain the same frames and payloads as those of the other codecs', () => {
    const frames = (list: Vector[]) => list.map(({ name, frame, payload }) => ({ name, frame, payload }));
    expect(frames(vectors)).toEqual(frames(read<Vector>('json.json').vectors));
  });

  test('contain only correct checks', () => {
    const checked = vectors.map(({ frame }) => frame).filter(isChecked);
    const withChecks = checked.filter(({ check }) => check !== undefined);
    expect(withChecks.length).toBeGreaterThan(0);
    for (const frame of withChecks) expect(frame.check).toBe(frameCheck(frame));
  });

  test.each(vectors)('$name is written byte for byte', ({ frame, payload, bytes }) => {
    expect(bytesOf(codec, frame, fromHex(payload ?? '')).toString('hex')).toBe(bytes);
  });

  test.each(vectors)('$name is read whole, in pieces, and cut at every byte', (vector) => {
    const bytes = fromHex(vector.bytes);
    const expected = [{ frame: vector.frame, payload: fromHex(vector.payload ?? '') }];
    for (const pieceBytes of [bytes.length, 1, 2, 3, 7]) {
      expect(new Recording(codec).writeInPieces(bytes, pieceBytes).frames).toEqual(expected);
    }
    for (let cut = 1; cut < bytes.length; cut++) {
      const recording = new Recording(codec).write(bytes.subarray(0, cut)).write(bytes.subarray(cut));
      expect(recording.frames).toEqual(expected);
    }
  });

  test.each(vectors)('$name has a readable form that matches its bytes', ({ bytes, text, fields }) => {
    if (fields) expect(fields.map(([hex]) => hex).join('')).toBe(bytes);
    else expect(fromHex(bytes).toString('latin1')).toContain(Buffer.from(`${text}\n`).toString('latin1'));
  });
});

describe.each(names)('the rejected vectors of %s', (name) => {
  const { codec, limits, vectors } = read<RefusedVector>(`refused-${name}.json`);

  test.each(vectors)('$name is rejected: $reason', ({ bytes, code, text }) => {
    if (text !== undefined) expect(fromHex(bytes).toString()).toContain(text);
    for (const pieceBytes of [4096, 1, 2, 3, 7]) {
      const recording = new Recording(builtinCodecs[codec], limits).writeInPieces(fromHex(bytes), pieceBytes);
      expect(recording.error?.code).toBe(code);
      // A payload that goes wrong at its end was announced before.
      expect(recording.frames.filter(({ frame }) => frame.type !== 'data')).toEqual([]);
    }
  });
});
