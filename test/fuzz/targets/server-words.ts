/** Decodes the output of a server, and detects frames that no server may send. */
import assert from 'node:assert/strict';
import type { Codec } from '../../../src/codecs/codec.js';
import { isKnownErrorCode } from '../../../src/errors.js';
import { frameTable, type Frame, type UnknownFrame } from '../../../src/protocol/frames.js';
import { DecoderLog } from './decoder-log.js';

const limits = { maxHeaderBytes: 65_536, maxFrameBytes: 1_048_576 };

export class ServerWords {
  /** The code of the error with which the server has ended the connection. */
  error: string | undefined;
  readonly #log: DecoderLog;
  readonly #ended = new Set<number>();

  constructor(codec: Codec) {
    this.#log = new DecoderLog(codec, limits);
  }

  /** Reads everything. */
  read(said: Buffer): void {
    this.#log.write(said);
    assert.equal(this.#log.failure, undefined, 'a server says what cannot be read');
    for (const frame of this.#log.frames) this.#check(frame);
  }

  #check(frame: Frame | UnknownFrame): void {
    assert.notEqual(frame.type, 'unknown');
    if (frame.type === 'unknown') return;
    const { from } = frameTable[frame.type];
    assert.ok(from === 'server' || from === 'both', `a server says ${frame.type}`);
    assert.equal(this.error, undefined, 'a word follows the error of the connection');
    if (frame.type === 'error') {
      assert.ok(isKnownErrorCode(frame.code), `the error ${frame.code} is nobody's`);
      assert.notEqual(frame.message, 'Internal error.', 'something was thrown that was not meant to be');
    }
    if ('id' in frame && frame.id !== undefined) this.#checkChannel(frame.id, frame.type);
    else if (frame.type === 'error') this.error = frame.code;
  }

  #checkChannel(id: number, type: string): void {
    assert.equal(id % 2, 1, 'an id is even');
    assert.ok(!this.#ended.has(id), `${type} follows the last word on the channel ${id}`);
    if (type === 'result' || type === 'error') this.#ended.add(id);
  }
}
