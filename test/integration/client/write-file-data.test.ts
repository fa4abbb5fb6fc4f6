/** Everything that `writeFile` takes. */
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { MemoryStorage, readOnly, type WriteFileData } from '../../../src/index.js';
import { serve } from '../../support/servers/serve.js';

// 16 bytes, which is a whole number of elements for every typed array.
const text = 'Grüße, bytes !';
const bytes = Buffer.from(text);

function memory(): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

const whole: Record<string, () => WriteFileData> = {
  'a string': () => text,
  'a Buffer': () => bytes,
  'a Uint8Array': () => new Uint8Array(bytes),
  'an ArrayBuffer': memory,
  'a DataView of a part of an ArrayBuffer': () => {
    const larger = Buffer.concat([Buffer.from('<'), bytes, Buffer.from('>')]);
    return new DataView(new Uint8Array(larger).buffer, 1, bytes.length);
  },
  'a Uint16Array': () => new Uint16Array(memory()),
  'a Blob': () => new Blob([bytes.subarray(0, 3), bytes.subarray(3)]),
};

const inPieces: Record<string, () => WriteFileData> = {
  'a web ReadableStream': () => new Blob([bytes]).stream(),
  'a web ReadableStream of strings': () =>
    new ReadableStream<string>({
      start(controller) {
        for (const character of text) controller.enqueue(character);
        controller.close();
      },
    }),
  'a Readable': () => Readable.from([bytes.subarray(0, 3), bytes.subarray(3)]),
  'an array of strings and bytes': () => ['Grüße', Buffer.from(', '), bytes.subarray(9)],
  'a generator': function* () {
    yield* text;
  },
  'an async generator': async function* () {
    for (const character of text) yield Promise.resolve(character);
  },
};

describe('writeFile', () => {
  it.each(Object.entries({ ...whole, ...inPieces }))('stores %s', async (_what, make) => {
    const { connect } = await serve({ storage: new MemoryStorage() });
    const client = connect();
    const { size } = await client.writeFile('a', make());
    expect(size).toBe(bytes.length);
    expect(await client.readFile('a', 'utf8')).toBe(text);
  });

  it.each(Object.entries(whole))('announces the size of %s', async (_what, make) => {
    const { connect } = await serve({ storage: new MemoryStorage({ maxBytes: 5 }) });
    const totals: unknown[] = [];
    const onProgress = ({ total }: { total: unknown }): void => void totals.push(total);
    const client = connect();
    await expect(client.writeFile('a', make(), { onProgress })).rejects.toMatchObject({ code: 'ENOSPC' });
    for (const total of totals) expect(total).toBe(bytes.length);
  });

  it('cancels a web ReadableStream if the upload fails', async () => {
    const { connect } = await serve({ storage: readOnly(new MemoryStorage()) });
    let reason: unknown = 'not cancelled';
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(1_000)),
      cancel: (given) => void (reason = given),
    });
    await expect(connect().writeFile('a', stream)).rejects.toMatchObject({ code: 'EROFS' });
    expect(reason).not.toBe('not cancelled');
  });

  it('rejects with the error of a web ReadableStream, and stores nothing', async () => {
    const { connect } = await serve({ storage: new MemoryStorage() });
    const client = connect();
    const mistake = new RangeError('The source failed.');
    const stream = new ReadableStream<Uint8Array>({ start: (controller) => controller.error(mistake) });
    await expect(client.writeFile('a', stream)).rejects.toBe(mistake);
    expect(await client.exists('a')).toBe(false);
  });
});
