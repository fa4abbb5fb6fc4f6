/** Damage of every kind to any header: a damaged header is never read as another frame with a correct check. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { builtinCodecs } from '../../src/codecs/builtin.js';
import { Recording } from '../../src/contracts/codec/recording.js';
import { frameCheck, isChecked, withCheck } from '../../src/protocol/frame-check.js';
import { anyFrame } from './frames.arbitrary.js';

const anyChecked = anyFrame.map(({ frame }) => frame).filter(isChecked);

/** One thing that happens to bytes: some are changed, lost, doubled or put in. */
const anyDamage = fc.record({
  at: fc.nat(),
  removed: fc.nat(3),
  put: fc.uint8Array({ maxLength: 3 }),
});

test.each(Object.values(builtinCodecs))('$name detects every damaged header', (codec) => {
  fc.assert(
    fc.property(anyChecked, anyDamage, (frame, { at, removed, put }) => {
      const sealed = codec.hasHeaderChecksum ? frame : withCheck(frame);
      const bytes = Buffer.from(codec.encode(sealed));
      const start = at % bytes.length;
      const damaged = Buffer.concat([bytes.subarray(0, start), put, bytes.subarray(start + removed)]);
      const recording = new Recording(codec, { maxHeaderBytes: 16_384, maxFrameBytes: 1_048_576 }).write(
        damaged,
      );
      for (const { frame: read } of recording.frames) {
        if (codec.hasHeaderChecksum) expect(read).toEqual(sealed);
        if (!isChecked(read) || read.check === undefined || read.check !== frameCheck(read)) continue;
        // A changed header that says the same, e.g. one that ends with CRLF, is no damage.
        expect(read).toEqual(sealed);
      }
    }),
    { numRuns: 1_000 },
  );
});
