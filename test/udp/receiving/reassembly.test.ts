import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Reassembly } from '../../../src/udp/receiving/reassembly.js';

const KIB = 1_024;
const body = Buffer.from(Array.from({ length: 400 * KIB }, (_, index) => (index * 7 + (index >> 8)) & 0xff));

function receive(limit = body.length, offset = 0) {
  const delivered: Buffer[] = [];
  const reassembly = new Reassembly({
    offset,
    limit,
    deliver: (bytes) => delivered.push(Buffer.from(bytes)),
  });
  const add = (start: number, end: number) => reassembly.add(start, body.subarray(start, end));
  return { reassembly, add, bytes: () => Buffer.concat(delivered) };
}

describe('the pieces of a body', () => {
  it('in order are passed on without memory', () => {
    const { reassembly, add, bytes } = receive();
    add(0, 10);
    add(10, 30);
    expect(bytes().equals(body.subarray(0, 30))).toBe(true);
    expect([reassembly.next, reassembly.waitingBytes, reassembly.memoryBytes]).toEqual([30, 0, 0]);
  });

  it('wait for those before them', () => {
    const { reassembly, add, bytes } = receive();
    add(20, 30);
    add(40, 50);
    expect([bytes().length, reassembly.waitingBytes, reassembly.memoryBytes]).toEqual([0, 20, 64 * KIB]);
    add(0, 20);
    expect(bytes().equals(body.subarray(0, 30))).toBe(true);
    add(30, 40);
    expect(bytes().equals(body.subarray(0, 50))).toBe(true);
    expect([reassembly.waitingBytes, reassembly.memoryBytes]).toEqual([0, 0]);
  });

  it('in any order, twice and overlapping, become the body, each byte once', () => {
    const cuts = fc.array(fc.tuple(fc.nat(body.length - 1), fc.integer({ min: 1, max: 90 * KIB })), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(cuts, (pieces) => {
        const { reassembly, add, bytes } = receive();
        for (const [start, length] of pieces) add(start, Math.min(body.length, start + length));
        const present = new Uint8Array(body.length + 1);
        for (const [start, length] of pieces) present.fill(1, start, Math.min(body.length, start + length));
        expect(reassembly.next).toBe(present.indexOf(0));
        expect(reassembly.waitingBytes).toBe(present.reduce((a, b) => a + b, 0) - reassembly.next);
        add(0, body.length);
        expect(bytes().equals(body)).toBe(true);
        expect([reassembly.waitingBytes, reassembly.memoryBytes]).toEqual([0, 0]);
      }),
      { numRuns: 50 },
    );
  });

  it('before the offset of the start are ignored', () => {
    const { reassembly, add, bytes } = receive(body.length, 100);
    add(0, 100);
    add(90, 120);
    expect(bytes().equals(body.subarray(100, 120))).toBe(true);
    expect(reassembly.next).toBe(120);
  });

  it('are refused beyond the limit, without a change', () => {
    const { reassembly, add, bytes } = receive(100);
    expect(() => add(0, 101)).toThrow('EFLOOD: Bytes up to 101 exceed 100.');
    expect(() => add(100, 101)).toThrow('EFLOOD');
    expect([bytes().length, reassembly.waitingBytes]).toEqual([0, 0]);
    reassembly.grant(101);
    reassembly.grant(50);
    add(0, 101);
    expect(reassembly.next).toBe(101);
  });

  it('are refused in too many parts', () => {
    const { reassembly } = receive(1e9);
    let count = 0;
    const add = () => {
      for (; ; count += 1) reassembly.add(1 + 2 * count, body.subarray(0, 1));
    };
    expect(add).toThrow('EFLOOD: The bytes of a body arrive in too many pieces.');
    expect(count).toBe(32_768);
  });

  it('leave no memory when the body is given up, also from within', () => {
    const delivered: number[] = [];
    const reassembly: Reassembly = new Reassembly({
      limit: 1e6,
      deliver: (bytes) => {
        delivered.push(bytes.length);
        reassembly.clear();
      },
    });
    reassembly.add(10, body.subarray(10, 150 * KIB));
    reassembly.add(0, body.subarray(0, 10));
    expect(delivered).toEqual([10]);
    expect(reassembly.memoryBytes).toBe(0);
  });
});
