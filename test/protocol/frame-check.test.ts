import fc from 'fast-check';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { compareCheck, frameCheck, isChecked, withCheck } from '../../src/protocol/frame-check.js';
import { frameTable, type FrameType } from '../../src/protocol/frames.js';
import { anyFrame } from '../codecs/frames.arbitrary.js';

const anyChecked = anyFrame.map(({ frame }) => frame).filter(isChecked);

describe('the check of a frame', () => {
  test('is of a record in the order of the table, whatever the order of the fields', () => {
    const record = 'open\nid=3\nop=remove\npath=größe %20\nrecursive=true\n';
    const frame = { type: 'open', id: 3, op: 'remove', path: 'größe %20', recursive: true } as const;
    expect(frameCheck(frame)).toBe(crc32(record));
    expect(frameCheck({ recursive: true, path: 'größe %20', op: 'remove', id: 3, type: 'open' })).toBe(
      crc32(record),
    );
  });

  test('is not of fields that have no value, nor of itself', () => {
    expect(frameCheck({ type: 'cancel', id: 3, check: 7 })).toBe(crc32('cancel\nid=3\n'));
    expect(frameCheck({ type: 'open', id: 1, op: 'stat', path: undefined })).toBe(
      crc32('open\nid=1\nop=stat\n'),
    );
  });

  test('is of a number that no frame may hold as of its text, so that its frame can be refused by name', () => {
    for (const offset of [-1, 1.5, NaN, Infinity, 2 ** 53]) {
      const frame = { type: 'open', id: 1, op: 'x', offset } as const;
      expect(frameCheck(frame)).toBe(crc32(`open\nid=1\nop=x\noffset=${offset}\n`));
    }
  });

  test('is of false and 0 and the empty text, which are values', () => {
    expect(frameCheck({ type: 'open', id: 1, op: '', offset: 0, overwrite: false })).toBe(
      crc32('open\nid=1\nop=\noffset=0\noverwrite=false\n'),
    );
  });

  test('stands last among the fields of this version, so that later ones are not covered', () => {
    for (const type of Object.keys(frameTable) as FrameType[]) {
      const optional: readonly string[] = frameTable[type].optional;
      if (optional.includes('check')) expect(optional.at(-1)).toBe('check');
    }
  });

  test('is right in a frame that got it, and in no other', () => {
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

  test('is missed only where it is demanded, and only in frames that can have one', () => {
    compareCheck({ type: 'cancel', id: 1 }, false);
    for (const frame of [
      { type: 'data', id: 1, length: 0 },
      { type: 'ack', id: 1, offset: 0, window: 0 },
      { type: 'ping', token: 1 },
      { type: 'pong', token: 1 },
      { type: 'unknown', id: 1 },
    ] as const) {
      compareCheck(frame, true);
    }
    expect(() => compareCheck({ type: 'cancel', id: 1 }, true)).toThrow(
      expect.objectContaining({ code: 'EBADMSG' }),
    );
  });

  test('in a frame of an unknown type tells that the type is damaged', () => {
    expect(() => compareCheck({ type: 'unknown', check: 1 }, false)).toThrow(
      expect.objectContaining({ code: 'EBADMSG' }),
    );
  });
});
