/** A server that says too early what it has taken in: the memory of an upload is not given to others on its word. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { expect, it, vi } from 'vitest';
import { MemoryStorage } from '../../src/index.js';
import { SpareBuffers, spareBuffers } from '../../src/memory/spare-buffers.js';
import { serve, temporaryDirectory } from '../support/serve.js';

it('leaves the memory that it acknowledges to the upload, and to nobody else', async () => {
  const file = path.join(await temporaryDirectory(), 'file');
  await fs.writeFile(file, Buffer.alloc(8_000_000));
  const client = (await serve({ storage: new MemoryStorage() })).connect();
  const take = vi.spyOn(SpareBuffers.prototype, 'take');
  const give = vi.spyOn(SpareBuffers.prototype, 'give');
  await client.uploadFile(file, 'file');
  const isShared = (store: SpareBuffers): boolean => store === spareBuffers;
  const read = take.mock.results.filter((_, call) => !isShared(take.mock.contexts[call] as SpareBuffers));
  const memory = new Set(read.map(({ value }) => (value as Buffer).buffer));
  expect(memory.size).toBeGreaterThan(0);
  // It is used again, but by the same upload.
  const given = give.mock.calls.filter(([{ buffer }]) => memory.has(buffer));
  expect(given.length).toBeGreaterThan(0);
  for (const [call, [{ buffer }]] of give.mock.calls.entries())
    if (isShared(give.mock.contexts[call] as SpareBuffers)) expect(memory.has(buffer)).toBe(false);
});
