/** The contract of a codec: frames, payload, limits, damage and detection. */
import assert from 'node:assert/strict';
import type { Codec } from '../../codecs/codec.js';
import type { Frame } from '../../protocol/frames.js';
import { damageCases } from './damage-cases.js';
import { detectionCases } from './detection-cases.js';
import { refusalCases } from './refusal-cases.js';
import type { ContractCase } from '../contract-case.js';
import { bytesOf, Recording } from './recording.js';
import { sampleFrames } from './sample-frames.js';

/**
 * The contract of a codec as cases for any test runner:
 *
 *     for (const { name, run } of codecContract(myCodec)) test(name, run);
 */
export function codecContract(codec: Codec): ContractCase[] {
  const cases = [frameCases, payloadCases, independenceCases, refusalCases, damageCases, detectionCases];
  return cases.flatMap((casesOf) => casesOf(codec));
}

function frameCases(codec: Codec): ContractCase[] {
  return [
    {
      name: 'it has a name',
      run: () => assert.ok(codec.name.length > 0),
    },
    ...sampleFrames.map((frame, index) => ({
      name: `it encodes and decodes sample frame ${index + 1} (${frame.type}), whole and cut at every byte`,
      run: () => assertRoundTrip(codec, frame),
    })),
    ...[1, 2, 3, 7, 4096].map((pieceBytes) => ({
      name: `it decodes frames in pieces of ${pieceBytes} bytes through a reused buffer`,
      run: () =>
        assertDecoded(new Recording(codec).writeInPieces(allSamples(codec), pieceBytes), sampleFrames),
    })),
  ];
}

function assertRoundTrip(codec: Codec, frame: Frame): void {
  const bytes = bytesOf(codec, frame);
  assertDecoded(new Recording(codec).write(bytes), [frame]);
  for (let cut = 1; cut < bytes.length; cut++) {
    assertDecoded(new Recording(codec).write(bytes.subarray(0, cut)).write(bytes.subarray(cut)), [frame]);
  }
}

function assertDecoded(recording: Recording, frames: readonly Frame[]): void {
  assert.equal(recording.error, undefined);
  assert.deepEqual(
    recording.frames.map(({ frame }) => frame),
    frames,
  );
}

function allSamples(codec: Codec): Buffer {
  return Buffer.concat(sampleFrames.map((frame) => bytesOf(codec, frame)));
}

// Every byte value, and text that looks like headers and line ends.
const payload = Buffer.concat([
  Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
  Buffer.from('\n\r\n{"type":"ping","token":1}\nping token=1\n<ping token="1"/>\n\n'),
]);
const data: Frame = { type: 'data', id: 1, length: payload.length };
const ping: Frame = { type: 'ping', token: 7 };

function payloadCases(codec: Codec): ContractCase[] {
  const bytes = Buffer.concat([bytesOf(codec, data, payload), bytesOf(codec, ping)]);
  const header = codec.encode(data);
  return [
    {
      name: 'it passes payload on unchanged, wherever the bytes are cut',
      run() {
        for (let cut = 0; cut <= bytes.length; cut++) {
          const recording = new Recording(codec).write(bytes.subarray(0, cut)).write(bytes.subarray(cut));
          assertDecoded(recording, [data, ping]);
          assert.deepEqual(recording.frames[0]?.payload, payload);
        }
      },
    },
    {
      name: 'it passes payload on at once, without waiting for the rest',
      run() {
        const recording = new Recording(codec).write(header).write(payload.subarray(0, 3));
        assert.equal(recording.payloadBytes, 3);
        assert.equal(recording.write(payload.subarray(3, 4)).payloadBytes, 4);
      },
    },
    {
      name: 'it reports only complete frames of truncated bytes, and no error',
      run() {
        for (let length = 0; length < bytes.length; length++) {
          const { frames, error } = new Recording(codec).write(bytes.subarray(0, length));
          assert.equal(error, undefined);
          assert.ok(frames.length <= (length < header.length ? 0 : 1));
        }
      },
    },
  ];
}

function independenceCases(codec: Codec): ContractCase[] {
  return [
    {
      name: 'its decoders are independent of each other',
      run() {
        const bytes = allSamples(codec);
        const [one, other] = [new Recording(codec), new Recording(codec)];
        for (const byte of bytes) {
          one.write(Buffer.of(byte));
          other.write(Buffer.of(byte));
        }
        assertDecoded(one, sampleFrames);
        assertDecoded(other, sampleFrames);
      },
    },
    {
      name: 'it does not reuse the bytes of an encoded frame for the next',
      run() {
        const first = codec.encode(ping);
        const copy = Buffer.from(first);
        codec.encode({ type: 'pong', token: 123_456 });
        assert.deepEqual(Buffer.from(first), copy);
      },
    },
  ];
}
