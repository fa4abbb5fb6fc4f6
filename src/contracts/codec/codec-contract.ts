/**
 * What every codec must do, as cases that any test runner can run:
 *
 *     for (const { name, run } of codecContract(myCodec)) test(name, run);
 */
import assert from 'node:assert/strict';
import type { Codec } from '../../codecs/codec.js';
import type { Frame } from '../../protocol/frames.js';
import { damageCases } from './damage-cases.js';
import { detectionCases } from './detection-cases.js';
import { refusalCases } from './refusal-cases.js';
import type { ContractCase } from '../contract-case.js';
import { bytesOf, Recording } from './recording.js';
import { sampleFrames } from './sample-frames.js';

/** The contract of a codec as cases, each of which throws where the codec does not keep it. */
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
      name: `it carries sample frame ${index + 1} (${frame.type}), whole and cut at every byte`,
      run: () => assertCarried(codec, frame),
    })),
    ...[1, 2, 3, 7, 4096].map((pieceBytes) => ({
      name: `it reads frames that come in pieces of ${pieceBytes} bytes through a reused buffer`,
      run: () => assertTold(new Recording(codec).writeInPieces(allSamples(codec), pieceBytes), sampleFrames),
    })),
  ];
}

function assertCarried(codec: Codec, frame: Frame): void {
  const bytes = bytesOf(codec, frame);
  assertTold(new Recording(codec).write(bytes), [frame]);
  for (let cut = 1; cut < bytes.length; cut++) {
    assertTold(new Recording(codec).write(bytes.subarray(0, cut)).write(bytes.subarray(cut)), [frame]);
  }
}

function assertTold(recording: Recording, frames: readonly Frame[]): void {
  assert.equal(recording.error, undefined);
  assert.deepEqual(
    recording.frames.map(({ frame }) => frame),
    frames,
  );
}

function allSamples(codec: Codec): Buffer {
  return Buffer.concat(sampleFrames.map((frame) => bytesOf(codec, frame)));
}

// Every byte there is, and what looks like headers and their ends.
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
      name: 'it hands payload on unchanged, wherever the bytes are cut',
      run() {
        for (let cut = 0; cut <= bytes.length; cut++) {
          const recording = new Recording(codec).write(bytes.subarray(0, cut)).write(bytes.subarray(cut));
          assertTold(recording, [data, ping]);
          assert.deepEqual(recording.frames[0]?.payload, payload);
        }
      },
    },
    {
      name: 'it hands payload on at once, without waiting for the rest',
      run() {
        const recording = new Recording(codec).write(header).write(payload.subarray(0, 3));
        assert.equal(recording.payloadBytes, 3);
        assert.equal(recording.write(payload.subarray(3, 4)).payloadBytes, 4);
      },
    },
    {
      name: 'it tells nothing but whole frames of bytes that are cut off',
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
      name: 'its decoders know nothing of each other',
      run() {
        const bytes = allSamples(codec);
        const [one, other] = [new Recording(codec), new Recording(codec)];
        for (const byte of bytes) {
          one.write(Buffer.of(byte));
          other.write(Buffer.of(byte));
        }
        assertTold(one, sampleFrames);
        assertTold(other, sampleFrames);
      },
    },
    {
      name: 'it encodes a frame into bytes that encoding another leaves alone',
      run() {
        const first = codec.encode(ping);
        const copy = Buffer.from(first);
        codec.encode({ type: 'pong', token: 123_456 });
        assert.deepEqual(Buffer.from(first), copy);
      },
    },
  ];
}
