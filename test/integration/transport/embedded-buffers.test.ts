/** What a connection keeps of its downloads that is carried by something else than a socket: nobody says what has left. */
import { duplexPair, pipeline } from 'node:stream';
import { expect, it, onTestFinished, vi } from 'vitest';
import { FileClient, FileServer, MemoryStorage } from '../../../src/index.js';
import { InFlightBuffers } from '../../../src/buffers/in-flight-buffers.js';

it('is nothing, and nobody looks after it', async () => {
  const kept = vi.spyOn(InFlightBuffers.prototype, 'track');
  const timers = vi.spyOn(globalThis, 'setTimeout');
  const server = new FileServer({ storage: new MemoryStorage() });
  const client = new FileClient();
  onTestFinished(() => {
    client.destroy();
    server.destroy();
  });
  const [one, other] = duplexPair();
  const ignore = (): void => undefined;
  pipeline(one, server.endpoint(), one, ignore);
  pipeline(other, client.endpoint(), other, ignore);
  await client.writeFile('x', Buffer.alloc(4_000_000));
  expect(await client.readFile('x')).toHaveLength(4_000_000);
  await client.ping();
  expect(kept).not.toHaveBeenCalled();
  expect(timers.mock.calls.filter(([, ms]) => ms === 50)).toEqual([]);
});
