/** The bytes of an upload: how many are kept, and from which byte they can be sent again. */
import { describe, expect, it } from 'vitest';
import { UploadBody, type UploadSource } from '../../../src/client/streams/upload-body.js';
import { BodyChecksum } from '../../../src/protocol/body-checksum.js';
import { bytesOf } from '../../support/bytes.js';

const bytes = bytesOf(10_000);
const sumOf = (data: Uint8Array): BodyChecksum => {
  const sum = new BodyChecksum('crc32');
  sum.update(data);
  return sum;
};

function bodyOf(source: UploadSource): UploadBody {
  const body = new UploadBody('crc32', source);
  for (let at = 0; at < bytes.length; at += 2_500) body.push(bytes.subarray(at, at + 2_500));
  return body;
}

const resumed = (body: UploadBody, offset: number): Buffer => Buffer.concat(body.resume(offset));

describe('the body of a stream', () => {
  it('counts and hashes the bytes that are written', () => {
    const { check } = bodyOf({ isKept: true });
    expect(check.bytes).toBe(bytes.length);
    expect(check.digest()).toBe(sumOf(bytes).digest());
  });

  it.each([0, 1, 2_500, 9_999, 10_000])('can be sent again from byte %i', (offset) => {
    expect(resumed(bodyOf({ isKept: true }), offset)).toEqual(bytes.subarray(offset));
  });

  it('drops acknowledged bytes, counting from the offset at which the channel starts', () => {
    const body = bodyOf({ isKept: true });
    body.acknowledge(3_000);
    expect(body.from).toBe(3_000);
    expect(resumed(body, 4_000)).toEqual(bytes.subarray(4_000));
    body.acknowledge(500);
    expect(body.from).toBe(4_500);
    // An older acknowledgement brings nothing back.
    body.acknowledge(100);
    expect(body.from).toBe(4_500);
  });

  it('fails with EGONE if the server requests bytes that it has acknowledged', () => {
    const body = bodyOf({ isKept: true });
    body.acknowledge(3_000);
    expect(() => body.resume(2_999)).toThrow(expect.objectContaining({ code: 'EGONE' }));
  });

  it('fails with EPROTO if the server has more bytes than were written', () => {
    expect(() => bodyOf({ isKept: true }).resume(10_001)).toThrow(
      expect.objectContaining({ code: 'EPROTO' }),
    );
  });

  it('keeps no bytes that cannot be requested again', () => {
    const body = bodyOf({});
    body.acknowledge(3_000);
    expect(body.from).toBe(0);
    expect(resumed(body, 0)).toHaveLength(0);
  });

  it('starts at any offset of a source whose earlier bytes are hashed elsewhere', () => {
    const body = new UploadBody('crc32', { isKept: true });
    const sum = new BodyChecksum('crc32');
    body.begin(4_000, sum);
    expect(resumed(body, 4_000)).toHaveLength(0);
    sum.update(bytes.subarray(0, 4_000));
    body.push(bytes.subarray(4_000));
    expect(body.check.digest()).toBe(sumOf(bytes).digest());
    expect(resumed(body, 5_000)).toEqual(bytes.subarray(5_000));
    expect(() => body.resume(3_999)).toThrow(expect.objectContaining({ code: 'EGONE' }));
  });
});

describe('the running checksums of a body', () => {
  const MIB = 1024 * 1024;
  const large = bytesOf(3 * MIB + 10);
  const at = (offset: number): [number, string | undefined] => [
    offset,
    sumOf(large.subarray(0, offset)).digest(),
  ];

  /** What a channel is given, from this byte of the file on: offsets, each with its checksum. */
  function sent(
    body: UploadBody,
    pieces: readonly Uint8Array[],
    from: number,
  ): [number, string | undefined][] {
    const calls: [number, string | undefined][] = [];
    const channel = {
      bytesSent: 0,
      send(part: readonly Uint8Array[], done: () => void, checksum?: string) {
        calls.push([from + channel.bytesSent, checksum]);
        for (const { length } of part) channel.bytesSent += length;
        done();
      },
    };
    let calledBack = 0;
    body.sendTo(channel, pieces, () => (calledBack += 1));
    expect(calledBack).toBe(1);
    return calls;
  }

  it.each([
    ['kept', { isKept: true }],
    ['whole', { whole: large }],
  ])('are of each MiB, also where it is sent again from another byte (%s)', (_name, source) => {
    const body = new UploadBody('crc32', source);
    body.push(large);
    expect(sent(body, [large], 0)).toEqual([[0, undefined], at(MIB), at(2 * MIB), at(3 * MIB)]);
    expect(sent(body, body.resume(MIB + 5), MIB + 5)).toEqual([
      [MIB + 5, undefined],
      at(2 * MIB),
      at(3 * MIB),
    ]);
    body.acknowledge(MIB - 5);
    expect(sent(body, body.resume(2 * MIB), 2 * MIB)).toEqual([at(2 * MIB), at(3 * MIB)]);
  });

  it('are of the whole file where an upload continues', () => {
    const body = new UploadBody('crc32', { isKept: true });
    body.begin(MIB + 7, sumOf(large.subarray(0, MIB + 7)));
    body.resume(MIB + 7);
    body.push(large.subarray(MIB + 7));
    expect(sent(body, [large.subarray(MIB + 7)], MIB + 7)).toEqual([
      at(MIB + 7),
      at(2 * MIB + 7),
      at(3 * MIB + 7),
    ]);
  });

  it.each(['sha256', 'none'] as const)('are not sent with the algorithm %s', (algorithm) => {
    const body = new UploadBody(algorithm, { whole: large });
    body.push(large);
    expect(sent(body, [large], 0)).toEqual([[0, undefined]]);
  });
});

describe('the body of a buffer', () => {
  it('can be sent from any byte, whatever was acknowledged, without a copy', () => {
    const body = bodyOf({ whole: bytes });
    body.acknowledge(10_000);
    expect(body.from).toBe(0);
    for (const offset of [10_000, 5, 0]) expect(resumed(body, offset)).toEqual(bytes.subarray(offset));
    expect(body.resume(5)[0]?.buffer).toBe(bytes.buffer);
  });

  it('fails with EPROTO if the server has more bytes than the buffer', () => {
    expect(() => bodyOf({ whole: bytes }).resume(10_001)).toThrow(
      expect.objectContaining({ code: 'EPROTO' }),
    );
  });
});
