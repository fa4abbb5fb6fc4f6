/** The cases of the codec contract about bytes that a codec must refuse. */
import assert from 'node:assert/strict';
import type { Codec } from '../../codecs/codec.js';
import type { Frame } from '../../protocol/frames.js';
import type { ContractCase } from '../contract-case.js';
import { ampleLimits, bytesOf, Recording } from './recording.js';
import { sampleFrames } from './sample-frames.js';

/** The cases about limits, garbage and damage. */
export function refusalCases(codec: Codec): ContractCase[] {
  return [...limitCases(codec), ...garbageCases(codec), ...corruptionCases(codec)];
}

const ping: Frame = { type: 'ping', token: 7 };
const named: Frame = { type: 'open', id: 1, op: 'stat', path: 'long/'.repeat(800) + 'name' };
const data: Frame = { type: 'data', id: 1, length: 5 };

function limitCases(codec: Codec): ContractCase[] {
  const header = codec.encode(named);
  return [
    {
      name: 'it accepts a header of exactly the limit, and refuses a longer one with EMSGSIZE',
      run() {
        const limits = { ...ampleLimits, maxHeaderBytes: header.length };
        assert.equal(new Recording(codec, limits).write(header).error, undefined);
        for (const pieceBytes of [header.length, 1]) {
          const low = { ...ampleLimits, maxHeaderBytes: header.length - 1 };
          assertRefused(new Recording(codec, low).writeInPieces(header, pieceBytes), 'EMSGSIZE');
        }
      },
    },
    {
      name: 'it refuses a payload above the limit with EMSGSIZE, before it arrives',
      run() {
        const bytes = bytesOf(codec, data, Buffer.from('hello'));
        const enough = new Recording(codec, { ...ampleLimits, maxFrameBytes: 5 }).write(bytes);
        assert.equal(enough.error, undefined);
        const recording = new Recording(codec, { ...ampleLimits, maxFrameBytes: 4 }).write(
          codec.encode(data),
        );
        assertRefused(recording, 'EMSGSIZE');
      },
    },
    {
      name: 'it reads the limits again for every header',
      run() {
        const limits = { ...ampleLimits, maxHeaderBytes: header.length - 1 };
        const recording = new Recording(codec, limits).write(codec.encode(ping));
        limits.maxHeaderBytes = header.length;
        assert.equal(recording.write(header).error, undefined);
        limits.maxHeaderBytes = header.length - 1;
        assert.equal(recording.write(header).error?.code, 'EMSGSIZE');
      },
    },
  ];
}

function garbageCases(codec: Codec): ContractCase[] {
  const endless = ['\0', 'A', ' ', '\n', '{', '<', '\u00ff', '"'].map((text) =>
    Buffer.alloc(65_536, text, 'latin1'),
  );
  return [
    {
      name: 'it refuses endless garbage with one error, and ignores all bytes after it',
      run() {
        for (const bytes of endless) {
          for (const pieceBytes of [1000, 65_536]) {
            const recording = new Recording(codec).writeInPieces(bytes, pieceBytes);
            assert.ok(
              recording.error,
              `garbage of ${JSON.stringify(String.fromCharCode(bytes[0] ?? 0))} is accepted`,
            );
            recording.write(codec.encode(ping));
            assert.deepEqual(recording.frames, []);
          }
        }
      },
    },
    {
      name: 'it refuses other protocols with EPROTO, and decodes no known frame from them',
      run() {
        for (const text of [
          'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
          'SSH-2.0-OpenSSH_9.6\r\n',
          '\u0016\u0003\u0001\n',
        ]) {
          const { error, frames } = new Recording(codec).write(Buffer.from(text + '\n'.repeat(300)));
          // Not EBADMSG: another connection would meet the same program.
          assert.equal(error?.code, 'EPROTO');
          assert.ok(frames.every(({ frame }) => frame.type === 'unknown'));
        }
      },
    },
  ];
}

function corruptionCases(codec: Codec): ContractCase[] {
  const bytes = Buffer.concat([
    bytesOf(codec, data, Buffer.from('hello')),
    ...sampleFrames.map((frame) => codec.encode(frame)),
  ]);
  const cases: ContractCase[] = [
    {
      name: 'it never throws because of damaged bytes, and reports at most one error',
      run() {
        for (let at = 0; at < bytes.length; at++) {
          for (const flipped of [0x01, 0x80, 0xff]) {
            const damaged = Buffer.from(bytes);
            damaged[at] = (damaged[at] ?? 0) ^ flipped;
            new Recording(codec).write(damaged);
          }
        }
      },
    },
  ];
  if (codec.payloadTrailer.length > 0) {
    cases.push({
      name: 'it refuses a payload without its trailer with EPROTO',
      run() {
        const header = codec.encode(data);
        const recording = new Recording(codec).write(header).write(Buffer.from('hello!')).write(header);
        assert.equal(recording.error?.code, 'EPROTO');
        assert.equal(recording.frames.length, 1);
      },
    });
  }
  return cases;
}

function assertRefused(recording: Recording, code: string): void {
  assert.equal(recording.error?.code, code);
  assert.deepEqual(recording.frames, []);
}
