/** A frame that one codec has read is the same frame in all of them. */
import assert from 'node:assert/strict';
import { builtinCodecs } from '../../../src/codecs/builtin.js';
import type { Frame, UnknownFrame } from '../../../src/protocol/frames.js';
import { DecoderLog } from './decoder-log.js';

const limits = { maxHeaderBytes: 1_048_576, maxFrameBytes: 2 ** 32 };

/** Longer ones need more bytes in binary than the length of its fields can say. */
const MAX_CHARACTERS = 16_000;

/** Asserts it, and remembers for which frames it did. */
export class Agreement {
  readonly #known = new Set<string>();

  check(frame: Frame | UnknownFrame): void {
    // How one looks is the business of a later version.
    if (frame.type === 'unknown') return;
    const text = `${JSON.stringify(frame)}\n`;
    if (text.length > MAX_CHARACTERS || this.#known.has(text)) return;
    for (const codec of Object.values(builtinCodecs)) {
      const log = new DecoderLog(codec, limits);
      log.write(codec.encode(frame));
      assert.equal(log.text, text, `${codec.name} does not carry a frame that was read`);
    }
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.add(text);
  }
}

// No more than this, or the memory that is measured would be ours.
const MAX_KNOWN = 4_000;
