/** Calls over a connection that is cut again and again. */
import { expect } from 'vitest';
import { MemoryStorage, type CodecName } from '../../../src/index.js';
import { cuttingProxy, type Way } from '../../support/servers/cutting-proxy.js';
import { serve } from '../../support/servers/serve.js';

interface CutCalls {
  readonly calls: number;
  readonly cuts: number;
  readonly atOnce: number;
  readonly way: Way;
  readonly codec: CodecName;
  /** Bytes after which each connection is cut. */
  readonly bytes: number;
}

/** Every so many calls, input and output are too large for a field. */
const LARGE_EVERY = 10;

/** Makes the calls; each must run once and resolve with its own output. Resolves with the number of cuts. */
export async function cutCalls({ calls, cuts, atOnce, way, codec, bytes }: CutCalls): Promise<number> {
  const { server, port, connect } = await serve({ storage: new MemoryStorage() });
  const runs = new Uint32Array(calls);
  server.method('number', (input) => {
    const { index, text } = input as { index: number; text: string };
    runs[index] = (runs[index] ?? 0) + 1;
    return { index, text: `${text}${runs[index]}` };
  });
  const proxy = await cuttingProxy(port, { bytes, way, times: cuts });
  const client = connect({
    port: proxy.port,
    codec,
    reconnect: { maxAttempts: 1_000_000, minDelayMs: 1, maxDelayMs: 1, waitOnFirstConnect: true },
  });
  const wrong: unknown[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < calls; index = next++) {
      const text = index % LARGE_EVERY === 0 ? 'x'.repeat(9_000) : '';
      const output = await client.call('number', { index, text });
      const expected = { index, text: `${text}1` };
      if (JSON.stringify(output) !== JSON.stringify(expected)) wrong.push(output);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  expect(wrong).toEqual([]);
  expect(runs.every((count) => count === 1)).toBe(true);
  return proxy.cuts();
}
