/** Any valid frame, from the tables of frames and fields, and a payload where it has one. */
import fc from 'fast-check';
import { fieldTable, isFieldText, type FieldName, type FieldValue } from '../../src/protocol/fields.js';
import { frameTable, type Frame, type FrameType } from '../../src/protocol/frames.js';
import { MAX_ID, MAX_INTEGER } from '../../src/protocol/limits.js';

export interface FrameWithPayload {
  frame: Frame;
  payload: Uint8Array;
}

const TEMPTING = ' %=&<>"\'\\/{}:;,#aé日\u{1f4c4}';

/** Texts that may stand in a field: any characters, words that tempt, and codes of errors. */
const fieldText = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 24 }),
    fc.string({ unit: fc.constantFrom(...Array.from(TEMPTING)), maxLength: 24 }),
    fc.constantFrom(
      '',
      'ENOENT',
      'EIO',
      'EMYOWN',
      'true',
      '0',
      '__proto__',
      'constructor',
      '%41',
      '&lt;',
      '\\u0041',
    ),
  )
  .filter(isFieldText);

const integer = fc.oneof(
  fc.nat(300),
  fc.nat(MAX_INTEGER),
  fc.constantFrom(0, 127, 128, 2 ** 32, MAX_INTEGER),
);

const signed = integer.chain((value) => fc.constantFrom(value, -value || 0));

function fieldOf(name: FieldName): fc.Arbitrary<FieldValue> {
  if (name === 'id') return fc.integer({ min: 1, max: MAX_ID });
  if (name === 'length') return fc.nat(40);
  return { integer, signed, flag: fc.boolean(), text: fieldText }[fieldTable[name].type];
}

function frameOf(type: FrameType): fc.Arbitrary<Frame> {
  const { required, optional } = frameTable[type];
  const fields = Object.fromEntries([...required, ...optional].map((name) => [name, fieldOf(name)]));
  const record = fc.record(fields, { requiredKeys: [...required] });
  return record.map((values) => ({ type, ...values }) as Frame);
}

export const anyFrame: fc.Arbitrary<FrameWithPayload> = fc
  .constantFrom(...(Object.keys(frameTable) as FrameType[]))
  .chain(frameOf)
  .chain((frame) => {
    const length = frame.type === 'data' ? frame.length : 0;
    return fc.uint8Array({ minLength: length, maxLength: length }).map((payload) => ({ frame, payload }));
  });
