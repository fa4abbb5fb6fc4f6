import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Endpoint } from '../../../src/session/transport/endpoint.js';

/** A session that finds so many frames in every chunk. */
function endpointOf(framesInChunk: number): { endpoint: Endpoint; seen: string[] } {
  const seen: string[] = [];
  const session = {
    onOutput: () => undefined,
    activityCount: 0,
    receive(chunk: Buffer) {
      this.activityCount += framesInChunk;
      seen.push(chunk.toString());
    },
    receiveEnd: () => seen.push('end'),
    disconnect: () => undefined,
    read: () => [],
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

/** A session that finds a request in so many bytes, by default in every byte, and has the answer in the same turn. */
function answeringEndpoint(requestBytes = 1): { endpoint: Endpoint; said: string[] } {
  const said: string[] = [];
  const answers: Uint8Array[] = [];
  const session = {
    onOutput: () => undefined,
    activityCount: 0,
    requestCount: 0,
    receive(chunk: Buffer) {
      this.activityCount += chunk.length;
      this.requestCount += Math.floor(chunk.length / requestBytes);
      said.push(`asked ${chunk.length}`);
      answers.push(Buffer.alloc(chunk.length));
    },
    receiveEnd: () => said.push('end'),
    disconnect: () => undefined,
    read: () => answers.splice(0),
    finished: false,
    failed: false,
    congested: false,
  };
  const endpoint = new Endpoint(session);
  endpoint.on('data', (answer: Buffer) => said.push(`answered ${answer.length}`));
  return { endpoint, said };
}

it('requests are answered before those behind them in the same chunk are taken in', async () => {
  const { endpoint, said } = answeringEndpoint();
  // The first chunk tells how large requests are.
  endpoint.write(Buffer.alloc(600));
  while (!said.includes('answered 600')) await turn();
  endpoint.end(Buffer.alloc(600));
  while (!said.includes('end')) await turn();
  const [, , ...later] = said;
  expect(later).toEqual([
    'asked 256',
    'answered 256',
    'asked 256',
    'answered 256',
    'asked 88',
    'answered 88',
    'end',
  ]);
});

it('the requests of one chunk are answered before the next chunk is taken in', async () => {
  const { endpoint, said } = answeringEndpoint();
  // So few that all of a chunk are taken in at once.
  for (const requests of [4, 7]) endpoint.write(Buffer.alloc(requests));
  endpoint.end();
  while (!said.includes('end')) await turn();
  expect(said).toEqual(['asked 4', 'answered 4', 'asked 7', 'answered 7', 'end']);
});

/** How many bytes were taken in, each time. */
function takenIn(said: readonly string[]): number[] {
  return said.flatMap((line) => /^asked (\d+)$/.exec(line)?.slice(1).map(Number) ?? []);
}

it('larger groups of requests are taken in while the next are at hand', async () => {
  const { endpoint, said } = answeringEndpoint(100);
  endpoint.write(Buffer.alloc(100 * 30));
  endpoint.end(Buffer.alloc(100 * 3_000));
  while (!said.includes('end')) await turn();
  const [first, second, ...others] = takenIn(said);
  expect([first, second]).toEqual([3_000, 800]);
  expect(others.at(-2)).toBeGreaterThan(1_600);
});

it('smaller groups of requests are taken in where the next are not at hand', async () => {
  const { endpoint, said } = answeringEndpoint(100);
  for (let chunk = 1; chunk <= 40; chunk++) {
    endpoint.write(Buffer.alloc(100 * 12));
    while (takenIn(said).reduce((all, bytes) => all + bytes, 0) < 1_200 * chunk) await turn();
    // Only then is it known that there was nothing more.
    await turn();
    await turn();
  }
  expect(takenIn(said).slice(0, 3)).toEqual([1_200, 800, 400]);
  expect(Math.max(...takenIn(said).slice(-6))).toBeLessThan(700);
});

it('what waits for its turn is not taken in when the endpoint is destroyed', async () => {
  const { endpoint, said } = answeringEndpoint();
  endpoint.write(Buffer.alloc(600));
  while (!said.includes('answered 600')) await turn();
  endpoint.write(Buffer.alloc(600));
  endpoint.destroy();
  await turn();
  await turn();
  expect(said.slice(2)).toEqual(['asked 256']);
});
