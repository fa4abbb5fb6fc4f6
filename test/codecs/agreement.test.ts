import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { builtinCodecs } from '../../src/codecs/builtin.js';
import type { Codec } from '../../src/codecs/codec.js';
import { bytesOf, Recording, type Decoded } from '../../src/contracts/codec/recording.js';
import type { Frame } from '../../src/protocol/frames.js';
import { anyFrame, type FrameWithPayload } from './frames.arbitrary.js';

const codecs = Object.values(builtinCodecs);

function transcriptIn(codec: Codec, frames: FrameWithPayload[]): Buffer {
  return Buffer.concat(frames.map(({ frame, payload }) => bytesOf(codec, frame, payload)));
}

function told(frames: FrameWithPayload[]): Decoded[] {
  return frames.map(({ frame, payload }) => ({ frame, payload: Buffer.from(payload) }));
}

// A download, an upload and a listing, from greeting to farewell.
const entry = builtinCodecs.json.encode({ type: 'entry', path: 'a.txt', kind: 'file', size: 5, mtime: 0 });
const transcript: FrameWithPayload[] = (
  [
    [{ type: 'hello', version: 1, agent: 'test', maxFrame: 1_048_576 }],
    [{ type: 'welcome', version: 1, maxFrame: 65_536, maxChannels: 64 }],
    [{ type: 'open', id: 1, op: 'download', path: 'grüße an alle.txt', window: 262_144 }],
    [{ type: 'accept', id: 1, path: 'grüße an alle.txt', kind: 'file', offset: 0, size: 10, etag: '"1"' }],
    [{ type: 'data', id: 1, length: 5 }, 'hello'],
    [{ type: 'data', id: 1, length: 5 }, '\n\r\nxy'],
    [{ type: 'ack', id: 1, offset: 10, window: 262_144 }],
    [{ type: 'result', id: 1, size: 10, checksum: 'crc32:00000000' }],
    [{ type: 'open', id: 3, op: 'upload', path: 'b', size: 0, overwrite: false }],
    [{ type: 'end', id: 3, size: 0, checksum: 'crc32:00000000' }],
    [{ type: 'error', id: 3, code: 'EEXIST', message: 'b exists.', path: 'b', retryable: false }],
    [{ type: 'open', id: 5, op: 'list' }],
    [{ type: 'data', id: 5, length: entry.length }, entry],
    [{ type: 'cancel', id: 5 }],
    [{ type: 'error', id: 5, code: 'ECANCELED' }],
    [{ type: 'ping', token: 1 }],
    [{ type: 'pong', token: 1 }],
    [{ type: 'goaway', lastId: 5, code: 'ESHUTDOWN', message: 'Good night.' }],
  ] as [Frame, (string | Uint8Array)?][]
).map(([frame, payload = '']) => ({ frame, payload: Buffer.from(payload as string) }));

describe.each(codecs)('the codec $name', (codec) => {
  test('reads the same frames from a transcript as every other codec, cut at every byte', () => {
    const bytes = transcriptIn(codec, transcript);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const recording = new Recording(codec).write(bytes.subarray(0, cut)).write(bytes.subarray(cut));
      expect(recording.error).toBeUndefined();
      expect(recording.frames).toEqual(told(transcript));
    }
  });

  test('carries any valid frames with their payload, in pieces of any size', () => {
    fc.assert(
      fc.property(
        fc.array(anyFrame, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 300 }),
        (frames, size) => {
          const recording = new Recording(codec).writeInPieces(transcriptIn(codec, frames), size);
          expect(recording.error).toBeUndefined();
          expect(recording.frames).toEqual(told(frames));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('reads any bytes alike whole and byte by byte, with at most one error, and never throws', () => {
    const beginning = fc.constantFrom('', 'ping token=', '{"type":', '<ping token="', '\u00fe\u000b\0');
    fc.assert(
      fc.property(beginning, fc.uint8Array({ maxLength: 80 }), (start, rest) => {
        const bytes = Buffer.concat([Buffer.from(start, 'latin1'), rest]);
        assertSameInPieces(codec, bytes);
      }),
      { numRuns: 500 },
    );
  });

  test('reads a damaged transcript alike whole and byte by byte', () => {
    const bytes = transcriptIn(codec, transcript);
    const place = fc.nat(bytes.length - 1);
    fc.assert(
      fc.property(place, fc.nat(20), fc.uint8Array({ maxLength: 20 }), (at, removed, inserted) => {
        const rest = bytes.subarray(at + removed);
        assertSameInPieces(codec, Buffer.concat([bytes.subarray(0, at), inserted, rest]));
      }),
      { numRuns: 300 },
    );
  });
});

function assertSameInPieces(codec: Codec, bytes: Uint8Array): void {
  const whole = new Recording(codec).write(bytes);
  const pieces = new Recording(codec).writeInPieces(bytes, 1);
  expect(pieces.frames).toEqual(whole.frames);
  expect(pieces.error?.code).toBe(whole.error?.code);
}
