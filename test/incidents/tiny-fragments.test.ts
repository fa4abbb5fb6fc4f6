/** ws 2026: millions of tiny fragments took all memory, for each of them held the 64 KiB in which it had come. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { builtinCodecs } from '../../src/codecs/builtin.js';
import { FileServer, type CodecName } from '../../src/index.js';
import { storageWith } from '../support/servers/unfriendly.js';
import { until } from '../support/until.js';

const MIB = 1024 * 1024;

const CHUNK_BYTES = 65_536;

describe.each(Object.keys(builtinCodecs) as CodecName[])('ws 2026: tiny fragments in %s', (name) => {
  it('use about as much memory on the server as they have bytes, while the storage is slow', async () => {
    const codec = builtinCodecs[name];
    const held: unknown[] = [];
    const server = new FileServer({ storage: thatIsSlow(held), codec });
    const endpoint = server.endpoint();
    const before = await used();
    endpoint.write(codec.encode({ type: 'hello', version: 1 }));
    endpoint.write(codec.encode({ type: 'open', id: 1, op: 'upload', path: 'x' }));
    // The early window is full of them, each in a chunk of its own that is nearly empty otherwise.
    const header = codec.encode({ type: 'data', id: 1, length: 1 });
    const tail = codec.encode({ type: 'ping', token: 1 }).at(-1) === 10 ? '\n' : '';
    const fragment = Buffer.concat([header, Buffer.from(`x${tail}`)]);
    for (let count = 0; count < 20_000; count++) {
      const chunk = Buffer.alloc(CHUNK_BYTES);
      fragment.copy(chunk);
      endpoint.write(chunk.subarray(0, fragment.length));
      // Some are with the storage, and more wait for it.
      if (count % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => endpoint.writableLength === 0);
    // Twenty thousand chunks would be 1,250 MiB.
    expect((await used()) - before).toBeLessThan(64 * MIB);
    expect(held.length).toBe(1);
    expect(server.stats().activeRequests).toBe(1);
    endpoint.destroy();
    server.destroy();
  });
});

/** Bytes in use after garbage collections: objects found by the first one are freed slightly later. */
async function used(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let turn = 0; turn < 3; turn++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** A storage that has written nothing yet, and holds all received bytes. */
function thatIsSlow(held: unknown[]) {
  return storageWith({
    write: async () => ({
      write: (pieces) => new Promise<void>((_resolve, reject) => held.push({ pieces, reject })),
      commit: () => Promise.reject(new Error('Nothing was written.')),
      discard: async () => undefined,
    }),
  });
}
