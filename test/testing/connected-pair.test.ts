import { describe, expect, it } from 'vitest';
import type { TransferError } from '../../src/index.js';
import { codecNames } from '../support/frames/frame-wire.js';
import { connectedPair } from '../../src/testing/index.js';
import { bytesOf } from '../support/bytes.js';

const bytes = bytesOf(400_000);

describe.each(codecNames)('connectedPair (%s)', (codec) => {
  it('transfers files over a wire that splits, delays and is cut again and again', async () => {
    await using pair = await connectedPair({
      files: { file: bytes },
      client: { codec, reconnect: { maxAttempts: 50, minDelayMs: 1, maxDelayMs: 5 } },
      wire: (connection) => ({ splitBytes: 5_000, cutAfterBytes: 150_000, delayMs: 1, seed: connection }),
    });
    expect((await pair.client.readFile('file')).equals(bytes)).toBe(true);
    await pair.client.writeFile('new', bytes);
    const stored = await pair.storage.read('new' as never);
    expect(stored.entry.size).toBe(bytes.length);
    expect(pair.client.stats().lostConnections).toBeGreaterThan(2);
  });

  it('has the interface of the methods at both ends', async () => {
    await using pair = await connectedPair<{ add(input: { a: number; b: number }): number }>({
      client: { codec },
    });
    pair.server.method('add', ({ a, b }) => a + b);
    const sum: number = await pair.client.remote.add({ a: 1, b: 2 });
    expect(sum).toBe(3);
  });

  it('detects a wrong bit, and still delivers the right bytes', async () => {
    await using pair = await connectedPair({
      files: { file: bytes },
      client: { codec, reconnect: { minDelayMs: 1, maxDelayMs: 5 } },
      wire: (connection) => (connection === 1 ? { flipByte: 200_000, direction: 'toClient' } : undefined),
    });
    const outcome = await pair.client.readFile('file').then(
      (read) => (read.equals(bytes) ? 'right' : 'wrong'),
      (error: unknown) => (error as TransferError).code,
    );
    // A wrong bit of a body is an error; one of a header ends the connection, and the transfer continues.
    expect(['right', 'EBADMSG']).toContain(outcome);
  });
});

describe('connectedPair', () => {
  it('connects again after a cut', async () => {
    await using pair = await connectedPair({ files: { file: 'x' } });
    await pair.client.stat('file');
    pair.cut();
    expect((await pair.client.stat('file')).size).toBe(1);
    expect(pair.client.stats()).toMatchObject({ totalConnections: 2, lostConnections: 1 });
    expect(pair.server.stats().totalConnections).toBe(2);
  });

  it('refuses an unknown option', async () => {
    await expect(connectedPair({ file: 'x' } as never)).rejects.toThrow('connectedPair has no option file.');
  });
});
