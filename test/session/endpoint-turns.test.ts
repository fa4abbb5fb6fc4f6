import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Endpoint } from '../../src/session/endpoint.js';

/** A session that finds so many frames in every chunk. */
function endpointOf(framesInChunk: number): { endpoint: Endpoint; seen: string[] } {
  const seen: string[] = [];
  const session = {
    transport: () => undefined,
    heard: 0,
    receive(chunk: Buffer) {
      this.heard += framesInChunk;
      seen.push(chunk.toString());
    },
    receiveEnd: () => seen.push('end'),
    disconnect: () => undefined,
    take: () => [],
    finished: false,
    failed: false,
    congested: false,
  };
  return { endpoint: new Endpoint(session), seen };
}

it('a chunk of many small frames lets others have a turn before the next', async () => {
  const { endpoint, seen } = endpointOf(1_000);
  for (const chunk of ['a', 'b', 'c']) endpoint.write(chunk);
  endpoint.end();
  expect(seen).toEqual(['a']);
  await turn();
  expect(seen).toEqual(['a', 'b']);
  while (!seen.includes('end')) await turn();
  expect(seen).toEqual(['a', 'b', 'c', 'end']);
});

it('chunks of few frames are taken as they come', () => {
  const { endpoint, seen } = endpointOf(3);
  for (const chunk of ['a', 'b', 'c']) endpoint.write(chunk);
  expect(seen).toEqual(['a', 'b', 'c']);
});
