import fc from 'fast-check';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { compareCheck, frameCheck, isChecked, withCheck } from '../../src/protocol/frame-check.js';
import { frameTable, type Frame, type FrameType } from '../../src/protocol/frames.js';
import { sampleFrames } from '../../src/contracts/codec/sample-frames.js';
import { anyFrame } from '../codecs/frames.arbitrary.js';

const anyChecked = anyFrame.map(({ frame }) => frame).filter(isChecked);

describe('the check of a frame', () => {
  test('covers a record in the order of the table, whatever the order of its fields', () => {
    const record = 'open\nid=3\nop=remove\npath=größe %20\nrecursive=true\n';
    const frame = { type: 'open', id: 3, op: 'remove', path: 'größe %20', recursive: true } as const;
    expect(frameCheck(frame)).toBe(crc32(record));
    expect(frameCheck({ recursive: true, path: 'größe %20', op: 'remove', id: 3, type: 'open' })).toBe(
      crc32(record),
    );
  });

  test('does not cover fields without a value, nor itself', () => {
    expect(frameCheck({ type: 'cancel', id: 3, check: 7 })).toBe(crc32('cancel\nid=3\n'));
    expect(frameCheck({ type: 'open', id: 1, op: 'stat', path: undefined })).toBe(
      crc32('open\nid=1\nop=stat\n'),
    );
  });

  test('covers an out-of-range number as its text, so that its frame can be rejected by name', () => {
    for (const offset of [-1, 1.5, NaN, Infinity, 2 ** 53]) {
      const frame = { type: 'open', id: 1, op: 'x', offset } as const;
      expect(frameCheck(frame)).toBe(crc32(`open\nid=1\nop=x\noffset=${offset}\n`));
    }
  });

  test('covers false, 0 and the empty text as values', () => {
    expect(frameCheck({ type: 'open', id: 1, op: '', offset: 0, overwrite: false })).toBe(
      crc32('open\nid=1\nop=\noffset=0\noverwrite=false\n'),
    );
  });

  test('is the last field of this version, so that later fields are not covered', () => {
    for (const type of Object.keys(frameTable) as FrameType[]) {
      const optional: readonly string[] = frameTable[type].optional;
      if (optional.includes('check')) expect(optional.at(-1)).toBe('check');
    }
  });

  test('is correct in the frame that it was computed for, and in no other', () => {
    fc.assert(
      fc.property(anyChecked, fc.nat(0xffff_ffff), (frame, other) => {
        const sealed = withCheck(frame);
        compareCheck(sealed, true);
        fc.pre(other !== sealed.check);
        expect(() => compareCheck({ ...sealed, check: other }, false)).toThrow(
          expect.objectContaining({ code: 'EBADMSG', retryable: true }),
        );
      }),
    );
  });

  test('is missed only when required, and only in frames that can have one', () => {
    for (const type of Object.keys(frameTable) as FrameType[]) {
      const [sample] = sampleFrames.filter((frame) => frame.type === type);
      const missing = { ...sample, check: undefined } as Frame;
      expect(compareCheck(missing, false)).toBeUndefined();
      const compare = () => compareCheck(missing, true);
      // They are parts of a body, which has checksums of its own.
      if (frameTable[type].from === 'body') expect(compare()).toBeUndefined();
      else expect(compare, type).toThrow(expect.objectContaining({ code: 'EBADMSG', retryable: true }));
    }
    expect(compareCheck({ type: 'unknown', id: 1 }, true)).toBeUndefined();
  });

  test('in a frame of an unknown type shows that the type is damaged', () => {
    expect(() => compareCheck({ type: 'unknown', check: 1 }, false)).toThrow(
      expect.objectContaining({ code: 'EBADMSG' }),
    );
  });
});
