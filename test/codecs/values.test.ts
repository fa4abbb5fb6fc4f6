/** The rules of the section Values of the specification, each in every codec that can express its input. */
import { describe, expect, it } from 'vitest';
import { builtinCodecs, type CodecName } from '../../src/codecs/builtin.js';
import { ampleLimits, Recording } from '../../src/contracts/codec/recording.js';
import { bytesOf } from '../abuse/wire/frames/loose-encoder.js';
import { changed, data, frame, plus, type LooseFrame, type Value } from '../abuse/wire/frames/loose-frame.js';

const all = Object.keys(builtinCodecs) as CodecName[];
const lines: readonly CodecName[] = ['text', 'json', 'xml'];
const typed: readonly CodecName[] = ['json', 'binary'];
const untyped: readonly CodecName[] = ['text', 'xml'];

const PING = frame('ping', { token: 7 });
const OPEN = frame('open', { id: 1, op: 'stat', path: 'a' });
const FUTURE = frame('future', { id: 3, some: 'text' });
const ping = { type: 'ping', token: 7 };

/** Values of every type. */
const anyValues: readonly Value[] = [
  0,
  2 ** 53 - 1,
  true,
  false,
  '',
  'abc',
  'größe \u{1f4c4}',
  { digits: '-5' },
];

/** Texts that no field may hold, and integers that no codec with types may hold. */
const wrongTexts: readonly Value[] = ['a\nb', '\0', '\u007f', '\u0085', '\ud800', '\ufffe', '\uffff'];
const wrongIntegers: readonly Value[] = [{ digits: '9007199254740992' }, { digits: '01' }];

interface Rule {
  readonly rule: string;
  readonly codecs?: readonly CodecName[];
  readonly inputs: readonly LooseFrame[];
  /** The frames that are read, or the code of the error. */
  readonly outcome: unknown;
}

const each = (name: string, values: readonly Value[], to = PING): LooseFrame[] =>
  values.map((value) => plus(to, name, value));

const rules: readonly Rule[] = [
  {
    rule: 'a field that no frame has is ignored, whatever type its value has',
    inputs: each('future', anyValues),
    outcome: [ping],
  },
  {
    rule: 'a field of another frame is ignored, whatever type its value has',
    inputs: ['offset', 'path', 'recursive', 'mtime', 'code'].flatMap((name) => each(name, anyValues)),
    outcome: [ping],
  },
  {
    rule: 'an id is ignored in a frame without a channel',
    inputs: each('id', [5, 2 ** 48 - 1]),
    outcome: [ping],
  },
  {
    rule: 'so is an id that is none, where it is written as a field',
    codecs: lines,
    inputs: each('id', ['abc', 0, true]),
    outcome: [ping],
  },
  {
    rule: 'a text that no field may hold is refused in a field that the frame does not have',
    inputs: ['future', 'offset', 'path', 'flush'].flatMap((name) => each(name, wrongTexts)),
    outcome: 'EPROTO',
  },
  {
    rule: 'an integer that no field may hold is refused in a field that the frame does not have',
    codecs: typed,
    inputs: ['future', 'offset', 'path', 'flush'].flatMap((name) => each(name, wrongIntegers)),
    outcome: 'EPROTO',
  },
  {
    rule: 'digits are a text in a codec without types, in a field that the frame does not have',
    codecs: untyped,
    inputs: ['future', 'offset', 'flush'].flatMap((name) => each(name, wrongIntegers)),
    outcome: [ping],
  },
  {
    rule: 'a value is not converted to another type',
    codecs: typed,
    inputs: [
      changed(PING, 'token', '7'),
      changed(PING, 'token', true),
      changed(OPEN, 'path', 5),
      changed(OPEN, 'path', true),
      plus(OPEN, 'recursive', 'true'),
      plus(OPEN, 'recursive', 1),
      plus(OPEN, 'mtime', '5'),
    ],
    outcome: 'EPROTO',
  },
  {
    rule: 'a value that is not of the type of its field is refused',
    inputs: [
      changed(PING, 'token', 'x'),
      changed(PING, 'token', { digits: '' }),
      changed(PING, 'token', { digits: '-1' }),
      plus(OPEN, 'recursive', 'maybe'),
      plus(OPEN, 'mtime', { digits: '-0' }),
      plus(OPEN, 'mtime', { digits: '-9007199254740992' }),
      changed(OPEN, 'id', 0),
      changed(OPEN, 'id', { digits: '281474976710656' }),
      ...wrongTexts.map((text) => changed(OPEN, 'path', text)),
    ],
    outcome: 'EPROTO',
  },
  {
    rule: 'a field must not occur twice, whether the frame has it or not, or no frame',
    inputs: [
      plus(PING, 'token', 7),
      plus(plus(PING, 'offset', 1), 'offset', 1),
      plus(plus(PING, 'future', 1), 'future', 2),
      plus(plus(PING, 'future', 1), 'future', 'x'),
    ],
    outcome: 'EPROTO',
  },
  {
    rule: 'a required field must not be missing',
    inputs: [frame('ping'), frame('open', { id: 1 }), frame('open', { op: 'stat' })],
    outcome: 'EPROTO',
  },
  {
    rule: 'only data and unknown types may have a length',
    inputs: [plus(PING, 'length', 5), plus(OPEN, 'length', 5)],
    outcome: 'EPROTO',
  },
  {
    rule: 'an error may have any message that the limit of headers allows',
    inputs: [frame('error', { code: 'EIO', message: '\u{1f4c4}'.repeat(2_000) })],
    outcome: [{ type: 'error', code: 'EIO', message: '\u{1f4c4}'.repeat(2_000) }],
  },
  {
    rule: 'the code of an error is any text to a codec',
    inputs: [frame('error', { code: 'not a code' })],
    outcome: [{ type: 'error', code: 'not a code' }],
  },
  {
    rule: 'of a frame of an unknown type, only the id and the length are read',
    inputs: [FUTURE, plus(FUTURE, 'offset', 'x'), plus(FUTURE, 'path', true)],
    outcome: [{ type: 'unknown', id: 3 }],
  },
  {
    rule: 'the payload of a frame of an unknown type is skipped',
    inputs: [frame('future', { id: 3, length: 5 }, 'hello')],
    outcome: [{ type: 'unknown', id: 3, length: 5 }],
  },
  {
    rule: 'the payload of a frame of an unknown type has the limit of data',
    inputs: [
      frame('future', { length: ampleLimits.maxFrameBytes + 1 }),
      frame('data', { id: 1, length: ampleLimits.maxFrameBytes + 1 }),
    ],
    outcome: 'EMSGSIZE',
  },
  {
    rule: 'a frame of an unknown type must be a record that can be read',
    codecs: lines,
    inputs: [
      plus(FUTURE, 'some', 'text'),
      plus(FUTURE, 'other', 'a\nb'),
      changed(FUTURE, 'id', 'x'),
      changed(FUTURE, 'id', 0),
      plus(FUTURE, 'length', { digits: '-1' }),
    ],
    outcome: 'EPROTO',
  },
  {
    rule: 'the fields of an unknown type are skipped by their length',
    codecs: ['binary'],
    inputs: [plus(FUTURE, 'some', 'text'), plus(FUTURE, 'other', 'a\nb')],
    outcome: [{ type: 'unknown', id: 3 }],
  },
  {
    rule: 'a type is an ASCII letter, followed by ASCII letters, digits, - and _',
    codecs: lines,
    inputs: ['', ' ', 'a b', '1st', '-a', '_a', 'a.b', 'a:b', 'größe', 'ſ', 'a/'].map((type) => frame(type)),
    outcome: 'EPROTO',
  },
  {
    rule: 'so is the name of a field',
    codecs: lines,
    inputs: ['', ' ', 'a b', '1st', '-a', '_a', '__proto__', 'a.b', 'a:b', 'größe', 'ſ', 'a/'].flatMap(
      (name) => [plus(PING, name, 1), plus(FUTURE, name, 1)],
    ),
    outcome: 'EPROTO',
  },
  {
    rule: 'a name may have capitals, digits, - and _, and may be special in a language',
    codecs: lines,
    inputs: ['X', 'a1', 'x-private', 'a_b', 'constructor', 'toString'].map((name) => plus(PING, name, 1)),
    outcome: [ping],
  },
  {
    rule: 'a type may be special in a language, too',
    codecs: lines,
    inputs: ['X', 'a1', 'x-private', 'a_b', 'constructor', 'toString'].map((type) => frame(type)),
    outcome: [{ type: 'unknown' }],
  },
  {
    rule: 'a text may have every character that a codec escapes, escaped or not',
    inputs: [frame('error', { code: 'EIO', message: `% &<>"'\\/=+{}` })],
    outcome: [{ type: 'error', code: 'EIO', message: `% &<>"'\\/=+{}` }],
  },
  {
    rule: 'data without bytes is a frame',
    inputs: [data(1, '')],
    outcome: [{ type: 'data', id: 1, length: 0 }],
  },
];

describe.each(rules)('$rule', ({ codecs = all, inputs, outcome }) => {
  it.each(codecs)('in %s', (name) => {
    for (const input of inputs) {
      const recording = new Recording(builtinCodecs[name]).write(bytesOf(input, name));
      const { error, frames } = recording;
      const shown = JSON.stringify(input);
      if (typeof outcome === 'string') expect([shown, error?.code, frames]).toEqual([shown, outcome, []]);
      else expect([shown, error, frames.map((one) => one.frame)]).toEqual([shown, undefined, outcome]);
    }
  });
});

describe('the text of an XML attribute', () => {
  it('may have > and apostrophes as they are', () => {
    const { frames } = new Recording(builtinCodecs.xml).write(
      Buffer.from(`<error code="EIO" message="it's a > b"/>\n`),
    );
    expect(frames[0]?.frame).toEqual({ type: 'error', code: 'EIO', message: "it's a > b" });
  });
});
