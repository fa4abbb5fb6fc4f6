/** A line reader compared with another one of the same language: it accepts nothing that the other rejects. */
import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import type { Codec } from '../../../src/codecs/codec.js';
import type { FieldName } from '../../../src/protocol/fields.js';
import { frameTable, type Frame, type UnknownFrame } from '../../../src/protocol/frames.js';
import { timed, type Outcome, type Target } from '../target.js';
import { DecoderLog } from './decoder-log.js';

/** The result of the other reader. */
export interface OtherReader {
  readonly name: string;
  /** `type` and the fields of a line; undefined if it is rejected. */
  read(line: string): Record<string, unknown> | undefined;
  /** How a value of ours looks when the other one reads it. */
  asRead(value: string | number | boolean): unknown;
}

/** The bytes of an input are the line, without its end. */
export function lineTarget(target: Pick<Target, 'name' | 'make'>, codec: Codec, other: OtherReader): Target {
  return { ...target, inputs: 1_000_000, run: (input) => compare(input, codec, other) };
}

const LF = Buffer.from('\n');

function compare(input: Buffer, codec: Codec, other: OtherReader): Outcome {
  const log = new DecoderLog(codec, { maxHeaderBytes: 65_536, maxFrameBytes: 1_048_576 });
  const { ms } = timed(() => log.write(Buffer.concat([input, LF])));
  const [frame] = log.frames;
  if (frame === undefined) return { verdict: log.failure?.code ?? 'open', ms };
  const theirs = other.read(firstLineOf(input));
  assert.ok(theirs, `a line is taken that ${other.name} refuses`);
  const ours = Object.entries(frame) as [FieldName | 'type', string | number | boolean][];
  for (const [name, value] of ours) {
    // The name of an unknown type is dropped.
    if (name === 'type' && value === 'unknown') continue;
    assert.deepEqual(theirs[name], other.asRead(value), `${other.name} reads another ${name}`);
  }
  assertNothingLost(theirs, frame);
  return { verdict: 'accepted', ms };
}

/** Without its end, which is LF or CRLF. */
function firstLineOf(input: Buffer): string {
  const lineFeed = input.indexOf(LF);
  const line = lineFeed < 0 ? input : input.subarray(0, lineFeed);
  assert.ok(isUtf8(line), 'a line is taken that is no UTF-8');
  return line.toString().replace(/\r$/, '');
}

/** Every field that the other reader finds and the frame allows is present. */
function assertNothingLost(theirs: Record<string, unknown>, frame: Frame | UnknownFrame): void {
  if (frame.type === 'unknown') return;
  const { required, optional } = frameTable[frame.type];
  for (const name of [...required, ...optional]) {
    if (Object.hasOwn(theirs, name)) assert.ok(Object.hasOwn(frame, name), `the field ${name} is lost`);
  }
}
