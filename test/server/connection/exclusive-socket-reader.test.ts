import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { exclusiveSocketReader } from '../../../src/server/connection/exclusive-socket-reader.js';
import { bytesOf } from '../../support/bytes.js';

const MIB = 1024 * 1024;
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** Both ends of a connection. */
async function pair(): Promise<{ near: Socket; far: Socket }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const far = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [near] = (await once(server, 'connection')) as [Socket];
  sockets.push(near, far);
  server.close();
  return { near, far };
}

describe('a socket with an exclusive reader', () => {
  it('lends each chunk for one call, and frees the memory of large chunks', async () => {
    const { near, far } = await pair();
    const sent = bytesOf(8 * MIB);
    far.end(sent);
    const lent: Uint8Array[] = [];
    const come: Buffer[] = [];
    let heldBytes = 0;
    exclusiveSocketReader(near).readTo((chunk) => {
      heldBytes = Math.max(heldBytes, bytesIn(lent));
      lent.push(chunk);
      come.push(Buffer.from(chunk));
      return true;
    });
    await once(near, 'end');
    expect(Buffer.concat(come).equals(sent)).toBe(true);
    // Of those that are large, none is left; of the others there are few.
    expect(lent.every(({ length }) => length < 32 * 1024)).toBe(true);
    expect(come.some(({ length }) => length >= 32 * 1024)).toBe(true);
    expect(heldBytes).toBeLessThan(sent.length / 2);
  });

  it('is paused when the reader is full', async () => {
    const { near, far } = await pair();
    far.write('a');
    let calls = 0;
    await new Promise<void>((called) => {
      exclusiveSocketReader(near).readTo(() => {
        calls += 1;
        called();
        return false;
      });
    });
    expect(near.isPaused()).toBe(true);
    far.end('b');
    near.resume();
    await once(near, 'pause');
    expect(calls).toBe(2);
  });

  it.each(['before', 'after'])(
    'keeps chunks intact for another listener of data events that was added %s',
    async (when) => {
      const { near, far } = await pair();
      const sent = bytesOf(MIB);
      const kept: Buffer[] = [];
      const watch = (): unknown => near.on('data', (chunk: Buffer) => kept.push(chunk));
      if (when === 'before') watch();
      exclusiveSocketReader(near).readTo(() => true);
      if (when === 'after') watch();
      far.end(sent);
      await once(near, 'end');
      expect(Buffer.concat(kept).equals(sent)).toBe(true);
    },
  );

  it('keeps a chunk intact for a listener that was added with once()', async () => {
    const { near, far } = await pair();
    const first = once(near, 'data');
    exclusiveSocketReader(near).readTo(() => true);
    far.end(bytesOf(MIB));
    const [kept] = (await first) as [Buffer];
    await once(near, 'end');
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.equals(bytesOf(MIB).subarray(0, kept.length))).toBe(true);
  });
});

function bytesIn(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}
