/** The places of a connection: for requests with a body, and for the others. */
import { pipeline } from 'node:stream/promises';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { bodyOperations } from '../../../src/protocol/body-operations.js';
import { operations } from '../../../src/server/operations/operations.js';
import { LARGE, serveLarge } from '../../support/servers/impatient.js';
import { serve } from '../../support/servers/serve.js';
import { storageWith } from '../../support/servers/unfriendly.js';
import { Wire } from '../../support/frames/wire.js';

const patient = { timeouts: { stallMs: 60_000 } };

describe('a client whose downloads are not read', () => {
  it('has places for requests without a body', async () => {
    const client = (await serveLarge(patient)).connect();
    const downloads = Array.from({ length: 80 }, () => client.download('large'));
    for (const download of downloads) download.on('error', () => undefined);
    await Promise.all(downloads.slice(0, 64).map(({ entry }) => entry));
    expect(await client.stat('large')).toMatchObject({ size: LARGE.length });
    expect(await client.exists('none')).toBe(false);
    expect(await client.checksum('large')).toMatch(/^sha256:/);
    await client.mkdir('folder');
    await client.copy('large', 'folder/copy');
    await client.utimes('folder/copy', new Date(0));
    await client.rename('folder/copy', 'folder/copied');
    await client.remove('folder', { recursive: true });
    client.destroy();
  });

  it('serves all of them in turns', async () => {
    const client = (await serveLarge({ ...patient, limits: { maxChannels: 16 } })).connect();
    const count = 60;
    let begun = 0;
    let continueAll = (): void => undefined;
    const all = new Promise<void>((resolve) => (continueAll = resolve));
    const read = async (): Promise<boolean> => {
      const pieces: Buffer[] = [];
      for await (const piece of client.download('large')) {
        pieces.push(piece as Buffer);
        if (pieces.length > 1) continue;
        begun += 1;
        if (begun === count) continueAll();
        await all;
      }
      return Buffer.concat(pieces).equals(LARGE);
    };
    const results = await Promise.all(Array.from({ length: count }, read));
    expect(results.every(Boolean)).toBe(true);
  });

  it('completes readers that are always slower than the server', async () => {
    const client = (await serveLarge({ ...patient, limits: { maxChannels: 16 } })).connect();
    const slow = (): Promise<number> => {
      let bytes = 0;
      const sink = new PassThrough().on('data', (piece: Buffer) => (bytes += piece.length));
      const delayed = async function* (pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
        for await (const piece of pieces) {
          yield piece;
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      };
      return pipeline(client.download('large'), delayed, sink).then(() => bytes);
    };
    const results = await Promise.all(Array.from({ length: 40 }, slow));
    expect(new Set(results)).toEqual(new Set([LARGE.length]));
  });
});

describe('the places of a connection', () => {
  it('are maxChannels for operations with a body, and 16 more for the others', async () => {
    const storage = storageWith({
      stat: () => new Promise(() => undefined),
      read: () => new Promise(() => undefined),
    });
    const { port } = await serve({ storage, limits: { maxChannels: 16 } });
    const wire = await Wire.connect(port);
    wire.send('hello version=1\n');
    await wire.line();
    let id = -1;
    const open = (op: string, count: number): void => {
      for (let index = 0; index < count; index += 1) wire.send(`open id=${(id += 2)} op=${op} path=x\n`);
    };
    open('download', 17);
    expect(await wire.line()).toMatch(/^error code=EAGAIN id=33 /);
    open('stat', 17);
    expect(await wire.line()).toMatch(/^error code=EAGAIN id=67 /);
  });

  it('can all be used by operations without a body', async () => {
    const storage = storageWith({ stat: () => new Promise(() => undefined) });
    const { port } = await serve({ storage, limits: { maxChannels: 16 } });
    const wire = await Wire.connect(port);
    wire.send('hello version=1\n');
    await wire.line();
    for (let id = 1; id <= 65; id += 2) wire.send(`open id=${id} op=stat path=x\n`);
    expect(await wire.line()).toMatch(/^error code=EAGAIN id=65 /);
  });

  it('count every operation that accepts a body or sends one', () => {
    expect([...bodyOperations].every((name) => name in operations)).toBe(true);
    const takers = Object.entries(operations).filter(([, { takesBody }]) => takesBody);
    expect(takers.every(([name]) => bodyOperations.has(name))).toBe(true);
  });
});
