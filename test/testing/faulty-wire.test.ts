import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { faultyWire, type FaultyWire, type FaultyWireOptions } from '../../src/testing/index.js';
import { bytesOf } from '../support/bytes.js';

function wireWith(options?: FaultyWireOptions): FaultyWire {
  const wire = faultyWire(options);
  onTestFinished(() => wire[Symbol.dispose]());
  return wire;
}

/** The chunks that arrive at an end, up to its close. */
async function chunksAt(end: Duplex): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  end.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(end, 'close').catch(() => undefined);
  return chunks;
}

/** Sends bytes from the client's end. Resolves with what arrives at the other one. */
async function arriving(bytes: Buffer, options: FaultyWireOptions): Promise<Buffer[]> {
  const wire = wireWith(options);
  const chunks = chunksAt(wire.server);
  wire.client.end(bytes);
  wire.server.end();
  wire.client.resume();
  return chunks;
}

const bytes = bytesOf(300_000);

describe('a wire', () => {
  it('delivers all bytes and the end, in both directions, without options', async () => {
    const wire = wireWith();
    const both = Promise.all([buffer(wire.client), buffer(wire.server)]);
    wire.client.end(bytes);
    wire.server.end('answer');
    const [atClient, atServer] = await both;
    expect(atServer.equals(bytes)).toBe(true);
    expect(atClient.toString()).toBe('answer');
    expect([wire.bytesToServer, wire.bytesToClient]).toEqual([bytes.length, 6]);
  });

  it('slows its writer down to the pace of its reader', async () => {
    const wire = wireWith();
    let written = 0;
    while (wire.client.write(bytes.subarray(0, 10_000))) written += 10_000;
    expect(written).toBeLessThan(200_000);
    const drained = once(wire.client, 'drain');
    wire.server.resume();
    await drained;
    expect(wire.bytesToServer).toBe(written + 10_000);
  });

  it('is cut after a number of bytes: those arrive, and both ends fail', async () => {
    const wire = wireWith({ cutAfterBytes: 1_000 });
    const failed = Promise.all([once(wire.client, 'error'), once(wire.server, 'error')]);
    const chunks = chunksAt(wire.server);
    wire.client.write(bytes.subarray(0, 600));
    wire.client.write(bytes.subarray(600, 5_000));
    expect(Buffer.concat(await chunks).equals(bytes.subarray(0, 1_000))).toBe(true);
    for (const [error] of await failed) expect(error).toMatchObject({ code: 'ECONNRESET' });
    expect(wire).toMatchObject({ closed: true, bytesToServer: 1_000, bytesToClient: 0 });
  });

  it('has faults only in the direction that is named', async () => {
    const wire = wireWith({ cutAfterBytes: 10, direction: 'toClient' });
    wire.client.write(bytes.subarray(0, 1_000));
    expect((await once(wire.server, 'data'))[0]).toHaveLength(1_000);
    expect(wire.closed).toBe(false);
    wire.client.resume();
    wire.server.write(bytes.subarray(0, 10));
    await once(wire.client, 'close').catch(() => undefined);
    expect(wire.closed).toBe(true);
  });

  it('splits into the same pieces for the same seed, and into others for another one', async () => {
    const lengths = async (seed: number) => {
      const chunks = await arriving(bytes.subarray(0, 5_000), { splitBytes: 7, seed });
      expect(Buffer.concat(chunks).equals(bytes.subarray(0, 5_000))).toBe(true);
      return chunks.map(({ length }) => length);
    };
    const first = await lengths(1);
    expect(Math.max(...first)).toBe(7);
    expect(Math.min(...first)).toBe(1);
    expect(await lengths(1)).toEqual(first);
    expect(await lengths(2)).not.toEqual(first);
  });

  it('can split into single bytes', async () => {
    const chunks = await arriving(bytes, { splitBytes: 1 });
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });

  it('changes one bit of one byte, the same for the same seed, and not the bytes of its writer', async () => {
    const sent = Buffer.from(bytes);
    const [first, again] = [
      Buffer.concat(await arriving(sent, { flipByte: 70_000, splitBytes: 5_000 })),
      Buffer.concat(await arriving(sent, { flipByte: 70_000, splitBytes: 5_000 })),
    ];
    expect(sent.equals(bytes)).toBe(true);
    expect(again.equals(first)).toBe(true);
    const wrong = [...bytes.keys()].filter((index) => first[index] !== bytes[index]);
    expect(wrong).toEqual([70_000]);
    const bits = (first[70_000] ?? 0) ^ (bytes[70_000] ?? 0);
    expect(bits & (bits - 1)).toBe(0);
  });

  it('delays each byte, without changing the order', async () => {
    const startMs = performance.now();
    const chunks = await arriving(bytes, { delayMs: 30 });
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(29);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });

  it('delivers no faster than its rate', async () => {
    const startMs = performance.now();
    const chunks = await arriving(bytes.subarray(0, 5_000), { bytesPerSecond: 100_000, splitBytes: 1_000 });
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(48);
    expect(Buffer.concat(chunks)).toHaveLength(5_000);
  });

  it('ends the other end when one is destroyed, after the bytes on their way; then writes fail', async () => {
    const wire = wireWith({ delayMs: 5 });
    const received: Buffer[] = [];
    wire.server.on('data', (chunk: Buffer) => received.push(chunk));
    wire.client.write('last words');
    wire.client.destroy();
    await once(wire.server, 'end');
    expect(Buffer.concat(received).toString()).toBe('last words');
    wire.server.write('x');
    const [error] = (await once(wire.server, 'error')) as [Error];
    expect(error).toMatchObject({ code: 'EPIPE' });
  });

  it('leaves no timer when it is disposed of', async () => {
    const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const wire = faultyWire({ delayMs: 1_000_000 });
    wire.client.write('x');
    wire.server.write('x');
    wire[Symbol.dispose]();
    await new Promise((resolve) => setImmediate(resolve));
    expect(wire.closed).toBe(true);
    const after = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    expect(after).toBeLessThanOrEqual(before);
  });

  it('can be cut before a program uses its ends', () => {
    const wire = faultyWire();
    wire.cut();
    wire.cut();
    expect(wire.closed).toBe(true);
  });

  it.each<[object, string]>([
    [{ cutAfter: 5 }, 'faultyWire has no option cutAfter.'],
    [{ cutAfterBytes: 0 }, 'The option cutAfterBytes must be an integer from 1'],
    [{ flipByte: -1 }, 'The option flipByte must be an integer from 0'],
    [{ delayMs: 1e10 }, 'The option delayMs must be an integer from 1'],
    [{ direction: 'up' }, 'The option direction must be one of toServer, toClient, both'],
  ])('refuses %j', (options, message) => {
    expect(() => faultyWire(options)).toThrow(TypeError);
    expect(() => faultyWire(options)).toThrow(message);
  });
});
