/** The running checksums of a received body are compared at their bytes, and bounded in number. */
import { describe, expect, it } from 'vitest';
import { BodyChecksum } from '../../../src/protocol/body-checksum.js';
import type { ChecksumAlgorithm } from '../../../src/protocol/checksum.js';
import { ReceivedChecksums, type BodySum } from '../../../src/session/channel/received-checksums.js';
import { bytesOf } from '../../support/bytes.js';
import { checksumOf } from '../../support/frames/upload-wire.js';

const STEP = 65_536;
const bytes = bytesOf(4 * STEP);
const upTo = (offset: number): string => checksumOf(bytes.subarray(0, offset));

/** A checksum that notes where it was compared. */
class NotingSum implements BodySum {
  readonly verified: number[] = [];
  digests = 0;
  readonly #sum: BodyChecksum;

  constructor(algorithm: ChecksumAlgorithm = 'crc32') {
    this.#sum = new BodyChecksum(algorithm);
  }

  get algorithm(): ChecksumAlgorithm {
    return this.#sum.algorithm;
  }

  get bytes(): number {
    return this.#sum.bytes;
  }

  update(piece: Uint8Array): void {
    this.#sum.update(piece);
  }

  digest(): string | undefined {
    this.digests += 1;
    return this.#sum.digest();
  }

  onVerified(): void {
    this.verified.push(this.bytes);
  }
}

function added(sum: BodySum, received: ReceivedChecksums, pieceBytes: number): void {
  for (let at = 0; at < bytes.length; at += pieceBytes)
    received.add(sum, bytes.subarray(at, at + pieceBytes));
}

describe('a running checksum', () => {
  it.each([1_000, STEP, STEP + 1, 10 * STEP])(
    'is compared at its byte in pieces of %i bytes',
    (pieceBytes) => {
      const received = new ReceivedChecksums(0);
      for (const offset of [STEP, 2 * STEP + 7, bytes.length]) received.note(offset, upTo(offset));
      const sum = new NotingSum();
      added(sum, received, pieceBytes);
      expect(sum.verified).toEqual([STEP, 2 * STEP + 7, bytes.length]);
      expect(sum.digest()).toBe(checksumOf(bytes));
    },
  );

  it('that differs fails before any byte after it is added', () => {
    const received = new ReceivedChecksums(0);
    received.note(STEP, upTo(STEP));
    received.note(2 * STEP, upTo(STEP));
    const sum = new NotingSum();
    expect(() => added(sum, received, bytes.length)).toThrow(expect.objectContaining({ code: 'EBADMSG' }));
    expect(sum.verified).toEqual([STEP]);
    expect(sum.bytes).toBe(2 * STEP);
  });

  it('of the bytes that were added already is compared before the next ones', () => {
    const sum = new NotingSum();
    sum.update(bytes.subarray(0, STEP));
    const received = new ReceivedChecksums(STEP);
    received.note(STEP, upTo(STEP - 1));
    expect(() => received.add(sum, bytes.subarray(STEP))).toThrow(
      expect.objectContaining({ code: 'EBADMSG' }),
    );
    expect(sum.bytes).toBe(STEP);
  });

  it.each([
    ['crc32', 'sha256:' + '0'.repeat(64)],
    ['crc32', 'crc32:0000000'],
    ['crc32', 'crc32:0000000G'],
    ['crc32', ''],
    ['crc32', `${upTo(STEP)}${'0'.repeat(100)}`],
    ['none', upTo(STEP)],
  ] as const)('of a body with %s must not be %j', (algorithm, checksum) => {
    const received = new ReceivedChecksums(0);
    received.note(STEP, checksum);
    const sum = new NotingSum(algorithm);
    expect(() => added(sum, received, STEP)).toThrow(expect.objectContaining({ code: 'EPROTO' }));
  });

  it('is ignored within 64 KiB after another', () => {
    const received = new ReceivedChecksums(0);
    for (let offset = 0; offset <= bytes.length; offset += 1) {
      const isFirst = offset % STEP === 0;
      received.note(offset, isFirst ? upTo(offset) : 'crc32:00000000');
      received.note(offset, 'crc32:00000000');
    }
    const sum = new NotingSum();
    added(sum, received, 100);
    expect(sum.digests).toBe(5);
  });
});
