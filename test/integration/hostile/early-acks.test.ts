/** A server that acknowledges too early: the memory of an upload is not reused on its claim. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { MemoryStorage } from '../../../src/index.js';
import { BufferPool, bufferPool } from '../../../src/buffers/buffer-pool.js';
import { serve, temporaryDirectory } from '../../support/servers/serve.js';

afterEach(() => vi.restoreAllMocks());

it.each([8_000_000, 20_000])(
  'only the client can reuse the memory of %i bytes that the server acknowledges early',
  async (size) => {
    const file = path.join(await temporaryDirectory(), 'file');
    await fs.writeFile(file, Buffer.alloc(size));
    const client = (await serve({ storage: new MemoryStorage() })).connect();
    const taking = [
      vi.spyOn(BufferPool.prototype, 'acquire'),
      vi.spyOn(BufferPool.prototype, 'acquireAtLeast'),
    ] as const;
    const give = vi.spyOn(BufferPool.prototype, 'release');
    await client.uploadFile(file, 'file');
    const memory = new Set<ArrayBufferLike>();
    for (const { mock } of taking) {
      for (const [call, { value }] of mock.results.entries())
        if (mock.contexts[call] !== bufferPool) memory.add((value as Buffer).buffer);
    }
    expect(memory.size).toBeGreaterThan(0);
    // It is used again, but by the same client.
    const given = give.mock.calls.filter(([{ buffer }]) => memory.has(buffer));
    expect(given.length).toBeGreaterThan(0);
    for (const [call, [{ buffer }]] of give.mock.calls.entries())
      if (give.mock.contexts[call] === bufferPool) expect(memory.has(buffer)).toBe(false);
  },
);
