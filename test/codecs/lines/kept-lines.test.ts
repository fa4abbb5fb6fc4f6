/** A value of a header may live long, such as a path that is watched. The rest of its header must not live with it. */
import { expect, it } from 'vitest';
import { builtinCodecs } from '../../../src/codecs/builtin.js';
import type { Frame, UnknownFrame } from '../../../src/protocol/frames.js';
import { codecNames, frame, type LooseFrame } from '../../abuse/wire/frames/loose-frame.js';
import { bytesOf } from '../../abuse/wire/frames/loose-encoder.js';
import { usedBytes } from '../../support/heap.js';

const MIB = 1024 * 1024;

const FRAMES = 1_000;

function padded(number: number): LooseFrame {
  const path = `a-name-that-is-long-enough-${number}`;
  return frame('entry', {
    path,
    kind: 'file',
    size: 1,
    mtime: 1,
    etag: `an-etag-of-${path}`,
    future: PADDING,
  });
}

const PADDING = { raw: Buffer.alloc(60_000, 'x') };

it.each(codecNames)('the values of a frame in %s keep no more than themselves in memory', async (name) => {
  const kept: unknown[] = [];
  const sink = {
    frame: (given: Frame | UnknownFrame) => {
      if (given.type === 'entry') kept.push(given.path, given.etag);
    },
    payload: () => undefined,
    error: (error: Error) => expect.fail(error.message),
  };
  const decoder = builtinCodecs[name].decoder(sink, { maxHeaderBytes: 65_536, maxFrameBytes: 0 });
  const before = await usedBytes();
  for (let number = 0; number < FRAMES; number += 1) decoder.write(bytesOf(padded(number), name));
  // With their headers, they would be 60 MB.
  expect((await usedBytes()) - before).toBeLessThan(4 * MIB);
  expect(kept.length).toBe(2 * FRAMES);
  expect(kept.at(-1)).toBe(`an-etag-of-a-name-that-is-long-enough-${FRAMES - 1}`);
});
